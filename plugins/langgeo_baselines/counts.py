"""Counts of n-grams or tokens, and distances between languages from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import xlogy

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def jensen_shannon(counts: sparse.csc_array) -> Float64:
    """(rows, rows) divergences in bits, from 0 to 1 (Lin 1991); NaN for a row without counts.

    JS(p, q) = ½ Σ_v [p_v log2(2p_v / (p_v + q_v)) + q_v log2(2q_v / (p_v + q_v))]. What only q has adds half its
    mass, which is counted in whole numbers, so that rows with the same shares are at distance exactly 0.
    """
    totals = np.asarray(counts.sum(axis=1), dtype=np.int64)
    by_row = counts.tocsr()
    values = np.zeros((len(totals), len(totals)))
    for row in range(len(totals) - 1):
        kinds = np.sort(by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]])
        table = counts[:, kinds].toarray()[row:].astype(np.int64)
        values[row, row + 1 :] = values[row + 1 :, row] = _from_first(table, totals[row:])
    unknown = totals == 0
    values[unknown] = values[:, unknown] = np.nan
    np.fill_diagonal(values, 0.0)
    return values


def _from_first(table: Int64, totals: Int64) -> Float64:
    """(rows - 1,) from the first row to each other one, over the kinds that the first one has."""
    shares = table / np.maximum(totals, 1)[:, np.newaxis]
    first, others = shares[0], shares[1:]
    middle = first + others
    shared = xlogy(first, 2 * first / middle) + xlogy(others, 2 * others / middle)
    outside = (totals[1:] - table[1:].sum(axis=1)) / np.maximum(totals[1:], 1)
    divergence: Float64 = (shared.sum(axis=1) / np.log(2) + outside) / 2
    return np.clip(divergence, 0.0, 1.0)


def jaccard(counts: sparse.csc_array) -> Float64:
    """(rows, rows) 1 − |A ∩ B| / |A ∪ B| of the kinds that occur; NaN for a row without counts."""
    occurs = (counts > 0).astype(np.int64)
    shared = (occurs @ occurs.T).toarray()
    kinds = np.diagonal(shared)
    return _jaccard_distances(shared, kinds[:, np.newaxis] + kinds - shared, kinds == 0)


def weighted_jaccard(counts: sparse.csc_array) -> Float64:
    """(rows, rows) 1 − Σ min(p, q) / Σ max(p, q) of the kinds' shares (Ružička 1958); NaN for a row without counts.

    The shares of a row add up to 1, so that Σ max = 2 − Σ min.
    """
    by_row = counts.tocsr()
    totals = np.asarray(by_row.sum(axis=1), dtype=np.int64)
    shared = np.eye(len(totals))
    for row in range(len(totals) - 1):
        kinds = by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]]
        shares = counts[:, kinds].toarray()[row:] / np.maximum(totals[row:], 1)[:, np.newaxis]
        shared[row, row + 1 :] = shared[row + 1 :, row] = np.minimum(shares[0], shares[1:]).sum(axis=1)
    return _jaccard_distances(shared, 2 - shared, totals == 0)


def _jaccard_distances(shared: NDArray[np.generic], either: NDArray[np.generic], unknown: NDArray[np.bool_]) -> Float64:
    values: Float64 = np.clip(1 - np.divide(shared, np.maximum(either, 1)), 0.0, 1.0)
    values[unknown] = values[:, unknown] = np.nan
    np.fill_diagonal(values, 0.0)
    return values


def count_table(texts: Sequence[Int64]) -> sparse.csc_array:
    """(texts, kinds) how often each text has each kind of n-gram, the kinds in ascending order."""
    found = [np.unique(text, return_counts=True) for text in texts]
    kinds, columns = np.unique(np.concatenate([kind for kind, _ in found]), return_inverse=True)
    rows = np.repeat(np.arange(len(texts)), [len(kind) for kind, _ in found])
    counts = np.concatenate([count for _, count in found])
    return sparse.csc_array((counts, (rows, columns)), shape=(len(texts), len(kinds)))
