"""The clusterers: k-means, agglomerative and spectral clustering of scikit-learn, and HDBSCAN.

All work in the order of the ids, so that random numbers and ties fall to the same languages in whichever order these
come. Clusters are numbered in the order in which they first appear, so that equal groupings have equal numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from langgeo_clusterers.options import AgglomerativeOptions, HdbscanOptions, KMeansOptions, SpectralOptions
from langgeo_core.api import Embedding, NumericalError, UserError

Float64 = NDArray[np.float64]

NOISE = -1
SAME = 1e-9
"""Points whose coordinates differ by less than this part of the largest one are the same up to rounding."""


def in_order_of_ids(method: Callable[[Any, Embedding, int | None, int], NDArray[Any]]) -> Any:
    """A `cluster` that is given the languages by id, and whose (n,) labels are those of the languages as they came."""

    @wraps(method)
    def cluster(self: Any, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        order, ordered = _ordered(embedding)
        labels = np.empty(len(order), dtype=np.int64)
        labels[order] = method(self, ordered, k, seed)
        return by_first_appearance(labels)

    return cluster


@lru_cache(maxsize=1)
def _ordered(embedding: Embedding) -> tuple[NDArray[np.int64], Embedding]:
    """Kept for the other numbers of clusters and seeds."""
    order = np.argsort(embedding.ids)
    ids = tuple(embedding.ids[place] for place in order.tolist())
    return order, Embedding(ids, np.ascontiguousarray(embedding.coordinates[order]))


class KMeans:
    """Lloyd's algorithm (scikit-learn) with k-means++ starts.

    Languages at the same point are always in one cluster, so there are at most as many clusters as distinct
    points, and one in an embedding without axes.
    """

    def __init__(self, options: KMeansOptions) -> None:
        self.k: int | Literal["classes"] | None = options.k
        self.seeds = options.seeds
        self._n_init = options.n_init

    @in_order_of_ids
    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) clusters, numbered by first appearance.

        Raises
        ------
        UserError
            If no k is given.
        NumericalError
            If k exceeds the number of languages.
        """
        from sklearn import cluster

        count = clusters_to_make("kmeans", k, embedding)
        if count <= 1:
            return np.zeros(len(embedding.ids), dtype=np.int64)
        squared = _squared_distances(embedding)

        def start(points: Float64, k: int, random_state: np.random.RandomState) -> Float64:
            chosen: Float64 = points[spread_points(squared, k, random_state)]
            return chosen

        means = cluster.KMeans(n_clusters=count, init=start, n_init=self._n_init, random_state=seed)
        return np.asarray(means.fit_predict(embedding.coordinates))


@lru_cache(maxsize=1)
def _squared_distances(embedding: Embedding) -> Float64:
    """(n, n), kept for the other numbers of clusters and seeds."""
    squared: Float64 = squareform(pdist(embedding.coordinates, "sqeuclidean"))
    return squared


def spread_points(squared: Float64, count: int, random_state: np.random.RandomState) -> NDArray[np.int64]:
    """The positions of `count` points far from each other, by greedy k-means++ (Arthur & Vassilvitskii 2007).

    As scikit-learn chooses them, from the same random numbers; that computes the distances anew for every start. Where
    two points are equally good, rounding decides in either.

    Parameters
    ----------
    squared : (n, n) squared Euclidean distances
    """
    first = int(random_state.choice(len(squared), p=np.full(len(squared), 1 / len(squared))))
    chosen: NDArray[np.int64] = _spread(squared, first, random_state.uniform(size=(count - 1, 2 + int(np.log(count)))))
    return chosen


@njit(cache=True)  # type: ignore[untyped-decorator]
def _spread(squared: Any, first: int, drawn: Any) -> Any:
    """A row of `drawn` for each point after the first: of as many candidates the one that leaves the others nearest."""
    chosen = np.empty(len(drawn) + 1, dtype=np.int64)
    chosen[0], nearest = first, squared[first].copy()
    for place in range(len(drawn)):
        sums = np.cumsum(nearest)
        least = np.inf
        for share in drawn[place]:
            candidate = min(np.searchsorted(sums, share * sums[-1]), len(squared) - 1)
            left = np.minimum(nearest, squared[candidate]).sum()
            if left < least:
                least, chosen[place + 1] = left, candidate
        nearest = np.minimum(nearest, squared[chosen[place + 1]])
    return chosen


class Agglomerative:
    """Merges the two closest clusters until k remain (scikit-learn).

    Deterministic. The order of the languages matters only if several pairs of clusters are equally close. Languages at
    the same point are always in one cluster, so there are at most as many clusters as distinct points.
    """

    seeds = 1

    def __init__(self, options: AgglomerativeOptions) -> None:
        self.k: int | Literal["classes"] | None = options.k
        self._linkage = options.linkage

    @in_order_of_ids
    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) clusters, numbered by first appearance; `seed` is not used.

        Raises
        ------
        UserError
            If no k is given.
        NumericalError
            If k exceeds the number of languages.
        """
        from sklearn import cluster

        count = clusters_to_make("agglomerative", k, embedding)
        if count <= 1:
            return np.zeros(len(embedding.ids), dtype=np.int64)
        tree = cluster.AgglomerativeClustering(n_clusters=count, linkage=self._linkage)
        return np.asarray(tree.fit_predict(embedding.coordinates))


class Spectral:
    """k-means on the leading eigenvectors of the normalised Laplacian (Ng, Jordan & Weiss 2001; scikit-learn).

    The affinity of two languages is exp(−d² / 2σ²), with σ = `scale` times the median of the non-zero distances d
    between points. There are at most as many clusters as distinct points, and one in an embedding without axes.
    """

    def __init__(self, options: SpectralOptions) -> None:
        self.k: int | Literal["classes"] | None = options.k
        self.seeds = options.seeds
        self._scale = options.scale

    @in_order_of_ids
    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) clusters, numbered by first appearance.

        Raises
        ------
        UserError
            If no k is given.
        NumericalError
            If k exceeds the number of languages.
        """
        points = embedding.coordinates
        from sklearn import cluster

        count = clusters_to_make("spectral", k, embedding)
        if count <= 1:
            return np.zeros(len(points), dtype=np.int64)
        place = distinct(points)
        if count == place.max() + 1:  # each distinct point is a cluster; the eigensolver needs fewer
            return place
        search = cluster.SpectralClustering(count, affinity="precomputed", random_state=seed)
        return np.asarray(search.fit_predict(gaussian_affinity(points, self._scale)))


def gaussian_affinity(points: Float64, scale: float) -> Float64:
    """(n, n) exp(−d² / 2σ²) of points that are not all equal, with σ = scale times the median non-zero distance.

    Examples
    --------
    >>> gaussian_affinity(np.array([[0.0], [1.0]]), 1.0).round(4)
    array([[1.    , 0.6065],
           [0.6065, 1.    ]])
    """
    distances = pdist(points)
    width = scale * np.median(distances[distances > 0])
    affinity: Float64 = np.exp(-squareform(distances**2) / (2 * width**2))
    return affinity


class Hdbscan:
    """Hierarchical density-based clusters (Campello, Moulavi & Sander 2013); their number is not given.

    Deterministic: exact spanning tree, one thread. With fewer languages than a cluster needs all are noise; in an
    embedding without axes all languages are in one cluster.
    """

    k: None = None
    seeds = 1

    def __init__(self, options: HdbscanOptions) -> None:
        self._options = options

    @in_order_of_ids
    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) clusters, numbered by first appearance, -1 for noise.

        `k` and `seed` are not used.
        """
        languages, axes = embedding.coordinates.shape
        if not axes:
            return np.zeros(languages, dtype=np.int64)
        if languages < self._options.min_cluster_size:
            return np.full(languages, NOISE, dtype=np.int64)
        import hdbscan

        search = hdbscan.HDBSCAN(**self._options.model_dump(), approx_min_span_tree=False, core_dist_n_jobs=1)
        return np.asarray(search.fit_predict(embedding.coordinates))


def clusters_to_make(clusterer: str, k: int | None, embedding: Embedding) -> int:
    """The number of clusters: k, but at most the number of distinct points, and 1 in an embedding without axes.

    Raises
    ------
    UserError
        If no k is given.
    NumericalError
        If k exceeds the number of languages.
    """
    languages, axes = embedding.coordinates.shape
    if k is None:
        raise UserError(f"{clusterer} has no number of clusters", "set its option k, or add an evaluator with classes")
    if k > languages:
        raise NumericalError(f"{clusterer} cannot make {k} clusters of {languages} languages", "lower its option k")
    return min(k, int(distinct(embedding.coordinates).max()) + 1) if axes else 1


def distinct(points: Float64) -> NDArray[np.int64]:
    """(n,) codes from 0 of (n, axes) points; those at one place have one code.

    Examples
    --------
    >>> distinct(np.array([[0.3, 1.0], [0.1 + 0.2, 1.0], [0.0, 1.0]]))
    array([1, 1, 0])
    """
    grain = SAME * np.abs(points).max() or 1.0
    _, code = np.unique(np.round(points / grain), axis=0, return_inverse=True)
    return code.reshape(len(points))


def by_first_appearance(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Number the clusters 0, 1, … by first appearance; noise stays -1.

    Examples
    --------
    >>> by_first_appearance(np.array([7, -1, 3, 7, 0]))
    array([ 0, -1,  1,  0,  2])
    """
    renamed = np.full(labels.shape, NOISE, dtype=np.int64)
    placed = labels != NOISE
    _, first, inverse = np.unique(labels[placed], return_index=True, return_inverse=True)
    renamed[placed] = first.argsort().argsort()[inverse]
    return renamed
