"""Isometric mapping."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import connected_components
from sklearn import manifold
from sklearn.neighbors import kneighbors_graph

from langgeo_core.api import DistanceMatrix, Embedding, NumericalError
from langgeo_embedders.inputs import Float64, complete_values, embedded, without_axes
from langgeo_embedders.options import IsomapOptions


class Isomap:
    """Classical scaling of the shortest ways through the graph of nearest neighbours (scikit-learn).

    Deterministic. With all others as neighbours, and distances that keep the triangle inequality, it is classical
    scaling.
    """

    def __init__(self, options: IsomapOptions) -> None:
        self._options = options

    def embed(self, distances: DistanceMatrix) -> Embedding:
        """(n, dimensions) coordinates, the widest axis first; no axes where all distances are zero.

        Raises
        ------
        NumericalError
            If pairs are missing, the neighbours fall into parts without a way between them, or the space of the
            shortest ways has fewer dimensions than asked for.
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
            return search.fit_transform(values), float(search.reconstruction_error())
        except ValueError as failure:  # scikit-learn refuses axes of negative eigenvalues
            raise NumericalError(
                f"isomap cannot place {len(values)} languages on {dimensions} axes: {failure}",
                "lower embedder.dimensions, or raise embedder.n_neighbors",
            ) from failure


def _check_connected(values: Float64, neighbours: int) -> None:
    graph = kneighbors_graph(values, neighbours, metric="precomputed", mode="connectivity")
    parts, part_of = connected_components(graph, directed=False)
    if parts > 1:
        sizes = ", ".join(str(size) for size in sorted(np.bincount(part_of), reverse=True))
        raise NumericalError(
            f"with {neighbours} neighbours the languages fall into {parts} parts of {sizes} without a way between them",
            "raise embedder.n_neighbors",
        )
