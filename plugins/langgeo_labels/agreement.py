"""How far classes agree with distances, and with clusters: the measures as functions of arrays.

Measures of clusters are for many pairs of groupings at once: functions of contingency tables (batch, classes,
clusters) of whole numbers. Empty classes and clusters are allowed and change nothing.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

AGREEMENTS = ("ari", "ami", "v_measure", "purity")

NO_ROOM = 1e-12
"""An index whose best value exceeds its expected value by less than this is taken to be at its best."""


def silhouette(distances: Float64, classes: Int64) -> float:
    """Mean silhouette (Rousseeuw 1987), as scikit-learn's with `metric="precomputed"`, in a small part of its time.

    A language alone in its class scores 0, and so does one at distance 0 from its own and from another class.
    NaN unless there are at least two classes and fewer classes than languages, or if pairs are missing.

    Parameters
    ----------
    distances : (n, n)
    classes : (n,) codes
    """
    present, codes = np.unique(classes, return_inverse=True)
    count, n = len(present), len(codes)
    if not 2 <= count < n:
        return float("nan")
    sizes, everyone = np.bincount(codes), np.arange(n)
    members = csr_array((np.ones(n), (codes, everyone)), shape=(count, n))
    totals = (members @ distances).T
    if np.isnan(totals).any():
        return float("nan")
    own = totals[everyone, codes] / np.maximum(sizes[codes] - 1, 1)
    others = totals / sizes
    others[everyone, codes] = np.inf
    nearest = others.min(axis=1)
    larger = np.maximum(own, nearest)
    scores = (nearest - own) / np.where(larger > 0, larger, 1)
    return float(np.where(sizes[codes] > 1, scores, 0).mean())


def neighbour_weights(distances: Float64, count: int = 1) -> Float64:
    """(n, n): row i spreads `count` over the nearest neighbours of i, evenly over those that tie for the last places.

    Missing pairs are nobody's neighbours; a language with fewer known pairs spreads as many as there are.
    """
    others = np.where(np.isnan(distances), np.inf, distances)
    np.fill_diagonal(others, np.inf)
    last = np.partition(others, min(count, len(others)) - 1, axis=1)[:, min(count, len(others)) - 1, np.newaxis]
    nearer = others < last
    tied = (others == last) & np.isfinite(last)
    left = count - nearer.sum(axis=1, keepdims=True)
    weights: Float64 = nearer + tied * np.minimum(1.0, left / np.maximum(tied.sum(axis=1, keepdims=True), 1))
    return weights


class Neighbourhood:
    """The neighbours of each language, for many classes: of `neighbour_weights` only what is not zero is read."""

    def __init__(self, weights: Float64) -> None:
        self._rows, self._columns = np.nonzero(weights)
        self._shares = weights[self._rows, self._columns]
        self._wanted = np.rint(weights.sum(axis=1))

    def agreement(self, classes: Int64) -> float:
        """Mean share of a language's nearest neighbours that are of its class, over those whose class has two members.

        Of a small class no more can be near than there are, so the share is of the least of both: 1 is perfect.
        Equally near neighbours share the vote. NaN where no class has two members.
        """
        sizes = np.bincount(classes)[classes]
        paired = sizes > 1
        if not paired.any():
            return float("nan")
        same = self._shares * (classes[self._rows] == classes[self._columns])
        wanted = np.minimum(self._wanted, sizes - 1)
        share = np.bincount(self._rows, same, len(classes))[paired] / np.maximum(wanted[paired], 1)
        return float(share.mean())


def neighbour_agreement(weights: Float64, classes: Int64) -> float:
    """`Neighbourhood.agreement` of one set of classes; `weights` are those of `neighbour_weights`."""
    return Neighbourhood(weights).agreement(classes)


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


def mutual_information_indices(tables: Int64) -> tuple[Float64, Float64]:
    """(batch,) each: mutual information adjusted for chance, and the V-measure.

    Both are normalised by the mean entropy: the first less what is expected (Vinh, Epps & Bailey 2010), the second as
    it is, which rises with the number of clusters (Rosenberg & Hirschberg 2007).
    """
    sizes = tables.sum(axis=(1, 2))
    n_log_n = _n_log_n(int(sizes.max()))
    cells = n_log_n[tables].sum(axis=(1, 2)) / sizes
    in_class = n_log_n[tables.sum(axis=2)].sum(axis=1) / sizes
    in_cluster = n_log_n[tables.sum(axis=1)].sum(axis=1) / sizes
    information = cells - in_class - in_cluster + np.log(sizes)
    entropy = np.log(sizes) - (in_class + in_cluster) / 2
    expected = expected_mutual_information(tables)
    return _share(information - expected, entropy - expected), _share(information, entropy)


def _share(part: Float64, whole: Float64) -> Float64:
    full = whole < NO_ROOM
    return np.where(full, 1.0, part / np.where(full, 1.0, whole))


def expected_mutual_information(tables: Int64) -> Float64:
    """(batch,) mean mutual information (nats) over all tables with the margins of each (batch, classes, clusters).

    A sum over pairs of a class's and a cluster's size, of which there are few; all tables are of the same n.
    """
    n = int(tables[0].sum())
    margins = tables.sum(axis=2), tables.sum(axis=1)
    sizes = [np.unique(margin[margin > 0]) for margin in margins]
    terms = np.array([[_expected_term(int(one), int(other), n) for other in sizes[1]] for one in sizes[0]])
    rows, columns = (
        (margin[:, :, np.newaxis] == size).sum(axis=1) for margin, size in zip(margins, sizes, strict=True)
    )
    return np.asarray(np.einsum("bi,ij,bj->b", rows, terms, columns, optimize=True))


@lru_cache(maxsize=1 << 16)
def _expected_term(one: int, other: int, n: int) -> float:
    """Σ_m (m/n) log(n·m / (one·other)) · P(m), P hypergeometric: a class and a cluster of these sizes share m."""
    shared = np.arange(max(1, one + other - n), min(one, other) + 1)
    log_factorial = _log_factorials(n)
    log_p = (
        log_factorial[one] + log_factorial[other] + log_factorial[n - one] + log_factorial[n - other]
        - log_factorial[n] - log_factorial[shared] - log_factorial[one - shared] - log_factorial[other - shared]
        - log_factorial[n - one - other + shared]
    )  # fmt: skip
    return float((shared / n * np.log(n * shared / (one * other)) * np.exp(log_p)).sum())


@lru_cache(maxsize=64)
def _log_factorials(n: int) -> Float64:
    logs: Float64 = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    return logs


def agreements(tables: Int64, credited: int) -> Float64:
    """(metrics, batch) in the order of `AGREEMENTS`; `credited` as in `purity`."""
    return np.array([adjusted_rand(tables), *mutual_information_indices(tables), purity(tables, credited)])


def _pairs(counts: Int64) -> Int64:
    return counts * (counts - 1) // 2


def _n_log_n(largest: int) -> Float64:
    counts = np.arange(largest + 1, dtype=np.float64)
    return counts * np.log(np.maximum(counts, 1))
