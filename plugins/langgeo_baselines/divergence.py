"""The Jensen-Shannon divergence between all pairs of rows of a count table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import xlogy

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def jensen_shannon(counts: sparse.csc_array) -> Float64:
    """(rows, rows) divergences in bits, from 0 to 1 (Lin 1991); NaN for a row without counts.

    JS(p, q) = ½ Σ_v [p_v log2(2p_v / (p_v + q_v)) + q_v log2(2q_v / (p_v + q_v))]. What only q has adds half its
    mass, which is counted in whole numbers, so that rows with the same shares are exactly 0 apart.
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
