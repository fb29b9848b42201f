"""Uniform manifold approximation and projection."""

from __future__ import annotations

import warnings

import numpy as np
import umap

from langgeo_core.api import DistanceMatrix, Embedding, NumericalError
from langgeo_embedders.maps import Float64, check_enough, complete_values, embedded, without_axes
from langgeo_embedders.options import UmapOptions


class Umap:
    """UMAP of the given distances, with spectral initialisation, on one thread (umap-learn).

    Neighbourhoods are preserved; sizes of groups and distances between them have no meaning. One thread and a seed make
    it reproducible on one machine. Loading umap-learn takes several seconds, longer the first time.
    """

    def __init__(self, options: UmapOptions) -> None:
        self._options = options

    def embed(self, distances: DistanceMatrix) -> Embedding:
        """(n, dimensions) coordinates; no axes if all distances are zero.

        Raises
        ------
        NumericalError
            If pairs are missing, or there are fewer than `dimensions` + 2 languages.
        """
        values = complete_values("umap", distances)
        if not values.any():
            return without_axes(distances)
        check_enough("umap", len(values), self._options.dimensions + 2)
        neighbours = min(self._options.n_neighbors, len(values) - 1)
        coordinates = self._fit(values, neighbours)
        if not np.isfinite(coordinates).all():
            raise NumericalError("umap returned coordinates that are not finite", "raise embedder.n_neighbors")
        return embedded(distances, coordinates, {"n_neighbors": float(neighbours)})

    def _fit(self, values: Float64, neighbours: int) -> Float64:
        search = umap.UMAP(
            n_components=self._options.dimensions,
            n_neighbors=neighbours,
            min_dist=self._options.min_dist,
            n_epochs=self._options.n_epochs,
            metric="precomputed",
            random_state=self._options.seed,
            n_jobs=1,
        )
        with warnings.catch_warnings():  # the warning concerns adding new points, which is not done here
            warnings.filterwarnings("ignore", message="using precomputed metric")
            coordinates: Float64 = search.fit_transform(values).astype(np.float64)
        return coordinates
