"""Agreement of two groupings, for many pairs of groupings at once.

Everything here is a function of contingency tables (batch, classes, clusters) of whole numbers. Empty classes
and clusters are allowed and change nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

NO_ROOM = 1e-12
"""An index whose best value exceeds its expected value by less than this can only be at its best."""


def contingency(classes: Int64, clusters: Int64) -> Int64:
    """Count, for each of a batch, the languages of every class in every cluster.

    Parameters
    ----------
    classes, clusters : (batch, n) codes from 0

    Returns
    -------
    (batch, classes, clusters)
    """
    batch = len(classes)
    rows, columns = int(classes.max()) + 1, int(clusters.max()) + 1
    offsets = np.arange(batch, dtype=np.int64)[:, np.newaxis] * (rows * columns)
    cells = classes * columns + clusters + offsets
    return np.bincount(cells.ravel(), minlength=batch * rows * columns).reshape(batch, rows, columns)


def adjusted_rand(tables: Int64) -> Float64:
    """(batch,) adjusted Rand index (Hubert & Arabie 1985), exact in whole numbers up to the last division."""
    together = _pairs(tables).sum(axis=(1, 2))
    in_class = _pairs(tables.sum(axis=2)).sum(axis=1)
    in_cluster = _pairs(tables.sum(axis=1)).sum(axis=1)
    total = _pairs(tables.sum(axis=(1, 2)))
    above = 2 * (together * total - in_class * in_cluster)
    room = (in_class + in_cluster) * total - 2 * in_class * in_cluster
    return np.where(room == 0, 1.0, above / np.where(room == 0, 1, room))


def purity(tables: Int64, credited: int | None = None) -> Float64:
    """(batch,) share of languages in the commonest class of their cluster.

    Languages outside the first `credited` clusters count as wrongly placed.
    """
    commonest = tables[:, :, :credited].max(axis=1).sum(axis=1)
    share: Float64 = commonest / tables.sum(axis=(1, 2))
    return share


def adjusted_mutual_information(tables: Int64, expected: Float64) -> Float64:
    """(batch,) mutual information adjusted for chance, normalised by the mean entropy (Vinh, Epps & Bailey 2010).

    Parameters
    ----------
    tables : (batch, classes, clusters)
    expected : (batch,) or (1,) from `expected_mutual_information`; it depends on the margins only
    """
    sizes = tables.sum(axis=(1, 2))
    n_log_n = _n_log_n(int(sizes.max()))
    cells = n_log_n[tables].sum(axis=(1, 2)) / sizes
    in_class = n_log_n[tables.sum(axis=2)].sum(axis=1) / sizes
    in_cluster = n_log_n[tables.sum(axis=1)].sum(axis=1) / sizes
    information = cells - in_class - in_cluster + np.log(sizes)
    room = np.log(sizes) - (in_class + in_cluster) / 2 - expected
    full = room < NO_ROOM
    return np.where(full, 1.0, (information - expected) / np.where(full, 1.0, room))


def expected_mutual_information(table: Int64) -> float:
    """Mean mutual information (nats) over all tables (classes, clusters) with the margins of this one."""
    from sklearn.metrics import cluster

    occupied = table[table.any(axis=1)][:, table.any(axis=0)]
    return float(cluster.expected_mutual_information(occupied, int(table.sum())))


def _pairs(counts: Int64) -> Int64:
    return counts * (counts - 1) // 2


def _n_log_n(largest: int) -> Float64:
    counts = np.arange(largest + 1, dtype=np.float64)
    return counts * np.log(np.maximum(counts, 1))
