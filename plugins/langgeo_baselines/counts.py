"""Counts of n-grams or tokens, and distances between languages from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import xlogy

from langgeo_baselines.options import ShareOptions

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

NO_LENGTH = 1e-7
"""A centred vector that is shorter is rounding."""


def jensen_shannon(counts: sparse.csc_array) -> Float64:
    """(rows, rows) divergences in bits, from 0 to 1 (Lin 1991); NaN for a row without counts.

    JS(p, q) = ½ Σ_v [p_v log2(2p_v / (p_v + q_v)) + q_v log2(2q_v / (p_v + q_v))].
    """
    return _halved_sums(counts, _bits)


def _bits(one: Float64, others: Float64) -> Float64:
    middle = one + others
    nats = (xlogy(one, 2 * one / middle) + xlogy(others, 2 * others / middle)).sum(axis=1)
    bits: Float64 = nats / np.log(2)
    return bits


def hellinger(counts: sparse.csc_array) -> Float64:
    """(rows, rows) squared Hellinger distances, from 0 to 1; NaN for a row without counts.

    H²(p, q) = ½ Σ_v (√p_v − √q_v)² = 1 − Σ_v √(p_v q_v) (Hellinger 1909).
    """
    return _halved_sums(counts, _squares)


def _squares(one: Float64, others: Float64) -> Float64:
    sums: Float64 = np.square(np.sqrt(one) - np.sqrt(others)).sum(axis=1)
    return sums


def _halved_sums(counts: sparse.csc_array, shared: Callable[[Float64, Float64], Float64]) -> Float64:
    """(rows, rows) half a sum over kinds, in which a kind that only one row has counts as its share there.

    What only the other row has is counted in whole numbers, so that rows with the same shares are at exactly 0.

    Parameters
    ----------
    shared : from (kinds,) shares of a row and (others, kinds) of others to (others,) the sums over the row's kinds
    """
    totals = np.asarray(counts.sum(axis=1), dtype=np.int64)
    by_row = counts.tocsr()
    values = np.zeros((len(totals), len(totals)))
    for row in range(len(totals) - 1):
        kinds = np.sort(by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]])
        table = counts[:, kinds].toarray()[row:].astype(np.int64)
        shares = table / np.maximum(totals[row:], 1)[:, np.newaxis]
        outside = (totals[row + 1 :] - table[1:].sum(axis=1)) / np.maximum(totals[row + 1 :], 1)
        sums = (shared(shares[0], shares[1:]) + outside) / 2
        values[row, row + 1 :] = values[row + 1 :, row] = np.clip(sums, 0.0, 1.0)
    unknown = totals == 0
    values[unknown] = values[:, unknown] = np.nan
    np.fill_diagonal(values, 0.0)
    return values


def measured(counts: sparse.csc_array, options: ShareOptions) -> Float64:
    """(rows, rows) the distance that the options name; NaN for a row without counts."""
    if options.centre:
        return centred_cosine(counts)
    divergences = {"jensen-shannon": jensen_shannon, "hellinger": hellinger}[options.distance](counts)
    return np.sqrt(divergences) if options.root else divergences


def centred_cosine(counts: sparse.csc_array) -> Float64:
    """(rows, rows) 1 − cosine of the rows' √shares less their mean over the rows, from 0 to 2.

    NaN for a row without counts, which the mean leaves out, and for one that is the mean itself: it has no direction.
    """
    totals = np.asarray(counts.sum(axis=1), dtype=np.int64)
    known = np.flatnonzero(totals)
    roots = sparse.csr_array(counts.tocsr()[known]).sorted_indices().astype(np.float64)
    roots.data = np.sqrt(roots.data / np.repeat(totals[known], np.diff(roots.indptr)))
    products = (roots @ roots.T).toarray()
    # Sums of sorted numbers do not depend on the order of the rows.
    means = np.sort(products, axis=1).mean(axis=1) if len(known) else np.zeros(0)
    products += (np.sort(means).mean() if len(known) else 0.0) - (means[:, np.newaxis] + means)
    lengths = np.sqrt(np.maximum(np.diagonal(products), 0.0))
    lengths[lengths < NO_LENGTH] = np.nan
    values = np.full((len(totals), len(totals)), np.nan)
    values[np.ix_(known, known)] = np.clip(1 - products / np.outer(lengths, lengths), 0.0, 2.0)
    np.fill_diagonal(values, 0.0)
    return values


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
