"""HDBSCAN on an embedding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langgeo_clusterers.numbering import NOISE, by_first_appearance
from langgeo_clusterers.options import HdbscanOptions
from langgeo_core.api import Embedding


class Hdbscan:
    """Hierarchical density-based clusters (Campello, Moulavi & Sander 2013), as many as it finds.

    Deterministic: exact spanning tree, one thread. Too few languages for one cluster are all noise; in an
    embedding without axes all languages share one cluster.
    """

    k: None = None
    seeds = 1

    def __init__(self, options: HdbscanOptions) -> None:
        self._options = options

    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) clusters, numbered in the order in which the languages meet them, -1 for noise.

        `k` and `seed` are not used.
        """
        languages, axes = embedding.coordinates.shape
        if not axes:
            return np.zeros(languages, dtype=np.int64)
        if languages < self._options.min_cluster_size:
            return np.full(languages, NOISE, dtype=np.int64)
        import hdbscan

        search = hdbscan.HDBSCAN(**self._options.model_dump(), approx_min_span_tree=False, core_dist_n_jobs=1)
        return by_first_appearance(search.fit_predict(np.ascontiguousarray(embedding.coordinates)))
