"""Agglomerative clustering of an embedding."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from langgeo_clusterers.counting import clusters_to_make
from langgeo_clusterers.numbering import by_first_appearance
from langgeo_clusterers.options import AgglomerativeOptions
from langgeo_core.api import Embedding


class Agglomerative:
    """Merges the two nearest clusters until k are left (scikit-learn).

    Deterministic. The order of the languages changes nothing unless merges are equally near. Languages at the same
    point are never told apart, so there are at most as many clusters as distinct points.
    """

    seeds = 1

    def __init__(self, options: AgglomerativeOptions) -> None:
        self.k: int | Literal["classes"] | None = options.k
        self._linkage = options.linkage

    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) clusters, numbered in the order in which the languages meet them; `seed` is not used.

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
        return by_first_appearance(tree.fit_predict(embedding.coordinates))
