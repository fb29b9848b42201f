"""Scorers that cannot know a language, to see what the rest of the pipeline makes of nothing."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import InputStatistics
from langgeo_scorers.options import RandomOptions


class Magnitude:
    """S_ij = w_ij²: every language keeps the same weights."""

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """Ones: (features,) float64."""
        return np.ones_like(statistics.gram_diagonal)


class Random:
    """S_ij = w_ij² · g_j with log g_j normal, drawn anew for every language and input."""

    def __init__(self, options: RandomOptions) -> None:
        self.options = options

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64, positive; depends on the seed, the language and the input's name alone."""
        place = f"{self.options.seed}/{statistics.language}/{statistics.name}"
        seed = int.from_bytes(hashlib.sha256(place.encode()).digest()[:8], "big")
        drawn = np.random.default_rng(seed).normal(scale=self.options.spread, size=len(statistics.gram_diagonal))
        scores: NDArray[np.float64] = np.exp(drawn)
        return scores
