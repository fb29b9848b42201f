"""t-distributed stochastic neighbour embedding."""

from __future__ import annotations

import numpy as np
from sklearn import manifold

from langgeo_core.api import DistanceMatrix, Embedding
from langgeo_embedders.inputs import check_enough, complete_values, embedded, without_axes
from langgeo_embedders.options import TSneOptions

LEAST = 4
"""Below it, not even a perplexity of 1 is a third of the others."""


class TSne:
    """t-SNE of the given distances, exact gradient, from a random start (scikit-learn).

    Neighbourhoods are kept; sizes of groups and distances between them are not to be read. Perplexity is capped at
    (n − 1) / 3, since a neighbourhood needs about three times as many points; the one used is in the notes. O(n²) a
    step: a second or two for 100 languages.
    """

    def __init__(self, options: TSneOptions) -> None:
        self._options = options

    def embed(self, distances: DistanceMatrix) -> Embedding:
        """(n, dimensions) coordinates; no axes where all distances are zero.

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
