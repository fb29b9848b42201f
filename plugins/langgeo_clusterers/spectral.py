"""Spectral clustering of an embedding."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from langgeo_clusterers.counting import clusters_to_make
from langgeo_clusterers.numbering import by_first_appearance
from langgeo_clusterers.options import SpectralOptions
from langgeo_core.api import Embedding

Float64 = NDArray[np.float64]


class Spectral:
    """k-means on the leading eigenvectors of the normalised Laplacian (Ng, Jordan & Weiss 2001; scikit-learn).

    Two languages are as akin as exp(−d² / 2σ²), with σ = `scale` times the median of the non-zero distances d between
    points. There are at most as many clusters as distinct points, and a single one in an embedding without axes.
    """

    def __init__(self, options: SpectralOptions) -> None:
        self.k: int | Literal["classes"] | None = options.k
        self.seeds = options.seeds
        self._scale = options.scale

    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) clusters, numbered in the order in which the languages meet them.

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
        places, place = np.unique(points, axis=0, return_inverse=True)
        if count == len(places):  # every place is a cluster; the eigensolver wants fewer
            return by_first_appearance(place.ravel())
        search = cluster.SpectralClustering(count, affinity="precomputed", random_state=seed)
        return by_first_appearance(search.fit_predict(gaussian_affinity(points, self._scale)))


def gaussian_affinity(points: Float64, scale: float) -> Float64:
    """exp(−d² / 2σ²) of points that are not all equal, (n, n), with σ = scale x the median non-zero distance.

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
