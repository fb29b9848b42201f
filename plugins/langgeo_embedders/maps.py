"""Maps in a few dimensions by scikit-learn: SMACOF, t-SNE and Isomap, and what embedders of this package share.

All work in the order of the ids, so that random numbers belong to the same languages in whichever order these come.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist
from sklearn import manifold
from sklearn.neighbors import kneighbors_graph

from langgeo_core.api import DistanceMatrix, Embedding, NumericalError
from langgeo_embedders.options import IsomapOptions, SmacofOptions, TSneOptions

Float64 = NDArray[np.float64]

TINY = 1e-9
"""Replaces a distance of zero in non-metric scaling; a share of the smallest positive distance."""
LEAST = 4
"""Minimum number of languages for t-SNE: with fewer, a third of the others is less than a perplexity of 1."""


class Smacof:
    """Minimises stress by majorisation (SMACOF; de Leeuw 1977), from random starts (scikit-learn).

    The reported stress is Kruskal's Stress-1 = √(Σ (d − d̂)² / Σ d²), with d the distances of the map, and d̂ the given
    distances or, if non-metric, the best-fitting increasing function of them. The map is rotated to its principal
    axes. The start with the smallest stress is kept; it need not be the global minimum. Non-metric maps have no unit.
    """

    def __init__(self, options: SmacofOptions) -> None:
        self._options = options

    def embed(self, distances: DistanceMatrix) -> Embedding:
        """(n, dimensions) coordinates; no axes if all distances are zero.

        Raises
        ------
        NumericalError
            If pairs are missing.
        """
        values = complete_values("smacof", distances)
        if not values.any():
            return without_axes(distances)
        options = self._options
        coordinates, stress, steps = manifold.smacof(
            values if options.metric else _without_zeros(values),
            metric=options.metric,
            n_components=options.dimensions,
            n_init=options.n_init,
            max_iter=options.max_iter,
            eps=options.tolerance,
            random_state=options.seed,
            return_n_iter=True,
        )
        notes = {"stress": stress, "iterations": float(steps)}
        if options.metric:  # scikit-learn normalises the stress only in non-metric scaling
            notes["stress"] = float(np.sqrt(stress / (pdist(coordinates) ** 2).sum()))
        return embedded(distances, _principal_axes(coordinates), notes)


def _without_zeros(values: Float64) -> Float64:
    """Distances without zeros, which scikit-learn's non-metric scaling treats as missing; only the order matters."""
    apart = ~np.eye(len(values), dtype=bool)
    filled: Float64 = np.where(apart & (values == 0), TINY * values[values > 0].min(), values)
    return filled


def _principal_axes(coordinates: Float64) -> Float64:
    """Coordinates centred and rotated: the widest axis first, the largest absolute entry of each axis positive."""
    centred = coordinates - coordinates.mean(axis=0)
    turned = centred @ np.linalg.eigh(centred.T @ centred)[1][:, ::-1]
    largest = np.abs(turned).argmax(axis=0)
    axes: Float64 = turned * np.sign(turned[largest, np.arange(turned.shape[1])])
    return axes


class TSne:
    """t-SNE of the given distances, exact gradient, from a random start (scikit-learn).

    Neighbourhoods are preserved; sizes of groups and distances between them have no meaning. Perplexity is limited to
    (n − 1) / 3, because a neighbourhood needs about three times as many points; the value used is in the notes. O(n²)
    per step: a second or two for 100 languages.
    """

    def __init__(self, options: TSneOptions) -> None:
        self._options = options

    def embed(self, distances: DistanceMatrix) -> Embedding:
        """(n, dimensions) coordinates; no axes if all distances are zero.

        Raises
        ------
        NumericalError
            If pairs are missing, or there are fewer than four languages.
        """
        values = complete_values("tsne", distances)
        if not values.any():
            return without_axes(distances)
        check_enough("tsne", len(values), LEAST)
        perplexity = min(self._options.perplexity, (len(values) - 1) / 3)
        search = manifold.TSNE(
            n_components=self._options.dimensions,
            perplexity=perplexity,
            max_iter=self._options.max_iter,
            metric="precomputed",
            init="random",
            method="exact",
            random_state=self._options.seed,
        )
        coordinates = search.fit_transform(values).astype(np.float64)
        notes = {"perplexity": perplexity, "kl_divergence": float(search.kl_divergence_)}
        return embedded(distances, coordinates, notes)


class Isomap:
    """Classical scaling of shortest-path distances in the graph of nearest neighbours (scikit-learn).

    Deterministic. With all others as neighbours, and distances that satisfy the triangle inequality, it equals
    classical scaling.
    """

    def __init__(self, options: IsomapOptions) -> None:
        self._options = options

    def embed(self, distances: DistanceMatrix) -> Embedding:
        """(n, dimensions) coordinates, the widest axis first; no axes if all distances are zero.

        Raises
        ------
        NumericalError
            If pairs are missing, the graph of neighbours is not connected, or the shortest-path distances have fewer
            dimensions than requested.
        """
        values = complete_values("isomap", distances)
        if not values.any():
            return without_axes(distances)
        neighbours = min(self._options.n_neighbors, len(values) - 1)
        _check_connected(values, neighbours)
        coordinates, error = self._fit(values, neighbours)
        notes = {"n_neighbors": float(neighbours), "reconstruction_error": error}
        return embedded(distances, coordinates, notes)

    def _fit(self, values: Float64, neighbours: int) -> tuple[Float64, float]:
        """The coordinates, and scikit-learn's reconstruction error."""
        dimensions = self._options.dimensions
        search = manifold.Isomap(
            n_neighbors=neighbours, n_components=dimensions, metric="precomputed", eigen_solver="dense"
        )
        try:
            coordinates = search.fit_transform(values)
            with np.errstate(invalid="ignore"):  # rounding leaves less than nothing where the map is exact
                return coordinates, float(np.nan_to_num(search.reconstruction_error()))
        except ValueError as failure:  # scikit-learn rejects axes of negative eigenvalues
            raise NumericalError(
                f"isomap cannot embed {len(values)} languages in {dimensions} dimensions: {failure}",
                "lower embedder.dimensions, or raise embedder.n_neighbors",
            ) from failure


def _check_connected(values: Float64, neighbours: int) -> None:
    graph = kneighbors_graph(values, neighbours, metric="precomputed", mode="connectivity")
    parts, part_of = connected_components(graph, directed=False)
    if parts > 1:
        sizes = ", ".join(str(size) for size in sorted(np.bincount(part_of), reverse=True))
        raise NumericalError(
            f"with {neighbours} neighbours the graph of languages has {parts} unconnected parts of sizes {sizes}",
            "raise embedder.n_neighbors",
        )


def complete_values(embedder: str, distances: DistanceMatrix) -> Float64:
    """(n, n) writable copy of the distances in the order of the ids.

    Raises
    ------
    NumericalError
        If pairs are missing; the message names the languages to leave out.
    """
    distances.require_complete(embedder)
    return distances.moderate().subset(sorted(distances.ids)).values.copy()


def embedded(distances: DistanceMatrix, coordinates: Float64, notes: Mapping[str, float]) -> Embedding:
    """The embedding, from (n, axes) coordinates in the order of the ids; rows are put in the order of the languages."""
    place = np.argsort(np.argsort(distances.ids))
    return Embedding(distances.ids, coordinates[place], notes=notes)


def check_enough(embedder: str, languages: int, least: int) -> None:
    """Check that there are at least `least` languages.

    Raises
    ------
    NumericalError
        If there are fewer.
    """
    if languages < least:
        raise NumericalError(
            f"{embedder} needs at least {least} languages with these options, got {languages}",
            "choose the embedder torgerson or smacof, or add languages",
        )


def without_axes(distances: DistanceMatrix) -> Embedding:
    """All languages at one point: the embedding if all distances are zero."""
    return Embedding(distances.ids, np.empty((len(distances.ids), 0)))
