"""k-means on an embedding."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from langgeo_clusterers.counting import clusters_to_make
from langgeo_clusterers.numbering import by_first_appearance
from langgeo_clusterers.options import KMeansOptions
from langgeo_core.api import Embedding


class KMeans:
    """Lloyd's algorithm with k-means++ starts (scikit-learn).

    Languages at the same point are never told apart, so there are at most as many clusters as distinct
    points, and a single one in an embedding without axes.
    """

    def __init__(self, options: KMeansOptions) -> None:
        self.k: int | Literal["classes"] | None = options.k
        self.seeds = options.seeds
        self._n_init = options.n_init

    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) clusters, numbered in the order in which the languages meet them.

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
        means = cluster.KMeans(n_clusters=count, n_init=self._n_init, random_state=seed)
        return by_first_appearance(means.fit_predict(embedding.coordinates))
