"""The Jaccard distance between all pairs of rows of a count table, of kinds or of their shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Float64 = NDArray[np.float64]


def jaccard(counts: sparse.csc_array) -> Float64:
    """(rows, rows) 1 − |A ∩ B| / |A ∪ B| of the kinds that occur; NaN for a row without counts."""
    occurs = (counts > 0).astype(np.int64)
    shared = (occurs @ occurs.T).toarray()
    kinds = np.diagonal(shared)
    return _distances(shared, kinds[:, np.newaxis] + kinds - shared, kinds == 0)


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
    return _distances(shared, 2 - shared, totals == 0)


def _distances(shared: NDArray[np.generic], either: NDArray[np.generic], unknown: NDArray[np.bool_]) -> Float64:
    values: Float64 = np.clip(1 - np.divide(shared, np.maximum(either, 1)), 0.0, 1.0)
    values[unknown] = values[:, unknown] = np.nan
    np.fill_diagonal(values, 0.0)
    return values
