"""How far classes agree with distances, and with clusters: the measures as functions of arrays.

Measures of clusters are for many pairs of groupings at once: functions of `Tables`. Empty classes and clusters are
allowed and change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

AGREEMENTS = ("ari", "ami", "v_measure", "purity")

BESIDE = 256
"""Languages whose distances to all others stay in the processor's caches while every labelling sums them."""

NO_ROOM = 1e-12
"""An index whose best value exceeds its expected value by less than this is taken to be at its best."""


def silhouette(distances: Float64, classes: Int64) -> float:
    """`silhouettes` of one labelling, (n,) codes."""
    return float(silhouettes(distances, classes[np.newaxis])[0])


def silhouettes(distances: Float64, classes: Int64) -> Float64:
    """(batch,) mean silhouette (Rousseeuw 1987), as scikit-learn's with `metric="precomputed"`, in a part of its time.

    A language alone in its class scores 0, and so does one at distance 0 from its own and from another class.
    NaN unless there are at least two classes and fewer classes than languages, or if pairs are missing.

    Parameters
    ----------
    distances : (n, n)
    classes : (batch, n) codes from 0, negative for languages that are left out
    """
    codes, scores = np.maximum(classes, -1).astype(np.int64), np.zeros(classes.shape)
    sizes = _counts(codes + 1, codes.max() + 2)[:, 1:].copy()
    with_another = np.take_along_axis(sizes, np.maximum(codes, 0), axis=1) > 1 if sizes.size else codes >= 0
    for start in range(0, len(distances), BESIDE):
        beside = slice(start, start + BESIDE)
        own, nearest = _nearness(np.ascontiguousarray(distances[:, beside]), codes, codes[:, beside], sizes)
        larger = np.maximum(own, nearest)
        with np.errstate(invalid="ignore"):  # where there is no other class, all is undefined
            found = (nearest - own) / np.where(larger > 0, larger, 1)
        scores[:, beside] = np.where(with_another[:, beside] | np.isnan(own), found, 0)
    scores[codes < 0] = 0
    count, present = (sizes > 0).sum(axis=1), sizes.sum(axis=1)
    return np.where((count >= 2) & (count < present), scores.sum(axis=1) / np.maximum(present, 1), np.nan)


def _nearness(distances: Float64, classes: Int64, own: Int64, sizes: Int64) -> tuple[Float64, Float64]:
    """(batch, some) each: some languages' mean distance to their own class and to the nearest other.

    Parameters
    ----------
    distances : (n, some)
    classes : (batch, n) of all languages
    own : (batch, some) of these
    sizes : (batch, classes)
    """
    to_own, to_nearest = np.zeros(own.shape), np.full(own.shape, np.inf)
    sums = np.empty((sizes.shape[1], own.shape[1]))
    for place, size in enumerate(sizes):
        _mean_distances(distances, classes[place], own[place], size, sums, to_own[place], to_nearest[place])
    return to_own, to_nearest


@njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _mean_distances(
    distances: Any, classes: Any, own: Any, sizes: Any, sums: Any, to_own: Any, to_nearest: Any
) -> None:
    """Of one labelling. Where a pair is missing, the mean distance to the own class is NaN."""
    sums[:] = 0.0
    for language in range(len(classes)):
        if classes[language] >= 0:
            of_class = sums[classes[language]]
            for place in range(len(own)):
                of_class[place] += distances[language, place]
    for kind in range(len(sizes)):
        for place in range(len(own)):
            total = sums[kind, place]
            if own[place] == kind:
                to_own[place] += total / max(sizes[kind] - 1, 1)
            elif sizes[kind]:
                to_nearest[place] = min(to_nearest[place], total / sizes[kind])
            to_own[place] += 0.0 * total


@dataclass(frozen=True, eq=False)
class Tables:
    """Of the contingency tables of a batch of groupings, what the measures need; tables are of equally many languages.

    together : (batch,) pairs of languages that share class and cluster
    n_log_n : (batch,) the sum of c log c over the cells c (nats)
    commonest : (batch, clusters) size of the commonest class of each cluster
    in_class, in_cluster : (batch, classes) and (batch, clusters), the margins
    """

    together: Int64
    n_log_n: Float64
    commonest: Int64
    in_class: Int64
    in_cluster: Int64

    @classmethod
    def of(cls, classes: Int64, clusters: Int64) -> Tables:
        """From (batch, n) codes from 0 of each language's class and cluster."""
        batch, n = classes.shape
        both = np.ascontiguousarray(classes), np.ascontiguousarray(clusters)
        in_class, in_cluster = (_counts(codes, int(codes.max()) + 1) for codes in both)
        sums = np.zeros(batch, np.int64), np.zeros(batch), np.zeros(in_cluster.shape, np.int64)
        ends, counted = np.cumsum(in_cluster, axis=1), np.zeros(in_class.shape[1], np.int64)
        _sum_cells(*both, ends, counted, _n_log_n(n), *sums)
        return cls(*sums, in_class, in_cluster)

    @property
    def sizes(self) -> Int64:
        """(batch,) how many languages there are."""
        sizes: Int64 = self.in_class.sum(axis=1)
        return sizes


@njit(cache=True)  # type: ignore[untyped-decorator]
def _sum_cells(
    classes: Any, clusters: Any, ends: Any, counted: Any, of_size: Any, together: Any, n_log_n: Any, commonest: Any
) -> None:
    """A cluster at a time: `counted`, (classes,) zeros, holds how many of its languages were met of each class."""
    members = np.empty(classes.shape[1], np.int64)
    for table in range(len(classes)):
        places = ends[table].copy()
        for language in range(len(members)):
            cluster = clusters[table, language]
            places[cluster] -= 1
            members[places[cluster]] = classes[table, language]
        for cluster in range(len(places)):
            for kind in members[places[cluster] : ends[table, cluster]]:
                together[table] += counted[kind]
                counted[kind] += 1
            for kind in members[places[cluster] : ends[table, cluster]]:
                n_log_n[table] += of_size[counted[kind]]
                commonest[table, cluster] = max(commonest[table, cluster], counted[kind])
                counted[kind] = 0


@njit(cache=True)  # type: ignore[untyped-decorator]
def _counts(codes: Any, kinds: int) -> Any:
    """(batch, kinds) how often each code is in each row."""
    counts = np.zeros((len(codes), kinds), np.int64)
    for row in range(len(codes)):
        for code in codes[row]:
            counts[row, code] += 1
    return counts


def adjusted_rand(tables: Tables) -> Float64:
    """(batch,) adjusted Rand index (Hubert & Arabie 1985), exact in whole numbers up to the last division."""
    in_class, in_cluster = (_pairs(margin).sum(axis=1) for margin in (tables.in_class, tables.in_cluster))
    total = _pairs(tables.sizes)
    above = 2 * (tables.together * total - in_class * in_cluster)
    room = (in_class + in_cluster) * total - 2 * in_class * in_cluster
    return np.where(room == 0, 1.0, above / np.where(room == 0, 1, room))


def purity(tables: Tables, credited: int | None = None) -> Float64:
    """(batch,) share of languages in the commonest class of their cluster.

    Languages outside the first `credited` clusters count as wrongly placed.
    """
    share: Float64 = tables.commonest[:, :credited].sum(axis=1) / tables.sizes
    return share


def mutual_information_indices(tables: Tables) -> tuple[Float64, Float64]:
    """(batch,) each: mutual information adjusted for chance, and the V-measure.

    Both are normalised by the mean entropy: the first less what is expected (Vinh, Epps & Bailey 2010), the second as
    it is, which rises with the number of clusters (Rosenberg & Hirschberg 2007).
    """
    sizes = tables.sizes
    n_log_n = _n_log_n(int(sizes.max()))
    cells = tables.n_log_n / sizes
    in_class = n_log_n[tables.in_class].sum(axis=1) / sizes
    in_cluster = n_log_n[tables.in_cluster].sum(axis=1) / sizes
    information = cells - in_class - in_cluster + np.log(sizes)
    entropy = np.log(sizes) - (in_class + in_cluster) / 2
    expected = expected_mutual_information(tables)
    return _share(information - expected, entropy - expected), _share(information, entropy)


def _share(part: Float64, whole: Float64) -> Float64:
    full = whole < NO_ROOM
    return np.where(full, 1.0, part / np.where(full, 1.0, whole))


def expected_mutual_information(tables: Tables) -> Float64:
    """(batch,) mean mutual information (nats) over all tables with the margins of each.

    A sum over pairs of a class's and a cluster's size, of which there are few; all tables are of the same n.
    """
    n = int(tables.sizes[0])
    rows, columns = (_counts(margin, n + 1) for margin in (tables.in_class, tables.in_cluster))
    sizes = [1 + np.flatnonzero(found[:, 1:].any(axis=0)) for found in (rows, columns)]
    terms = np.array([[_expected_term(int(one), int(other), n) for other in sizes[1]] for one in sizes[0]])
    expected: Float64 = ((rows[:, sizes[0]] @ terms) * columns[:, sizes[1]]).sum(axis=1)
    return expected


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


def agreements(tables: Tables, credited: int) -> Float64:
    """(metrics, batch) in the order of `AGREEMENTS`; `credited` as in `purity`."""
    return np.array([adjusted_rand(tables), *mutual_information_indices(tables), purity(tables, credited)])


def _pairs(counts: Int64) -> Int64:
    return counts * (counts - 1) // 2


def _n_log_n(largest: int) -> Float64:
    counts = np.arange(largest + 1, dtype=np.float64)
    return counts * np.log(np.maximum(counts, 1))
