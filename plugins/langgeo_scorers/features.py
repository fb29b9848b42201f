"""Scorers with one factor for each input feature: S_ij = w_ij² · g_j."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import InputStatistics
from langgeo_scorers.options import ActivationOptions, RandomOptions, SparseGPTOptions


class SparseGPT:
    """S_ij = w_ij² / [H⁻¹]_jj, so g_j = 1 / [H⁻¹]_jj (Shamrai & Hamolia 2025, section 3)."""

    def __init__(self, options: SparseGPTOptions) -> None:
        self.options = options

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64, positive."""
        if self.options.diagonal == "cholesky":
            return 1.0 / statistics.cholesky_diagonal
        return 1.0 / statistics.inverse_diagonal


class Wanda:
    """S_ij = w_ij² · g_j with g_j = Σ x_j² / tokens, the square of Wanda's |w_ij| · ‖x_j‖ (Sun et al. 2024).

    Wanda compares weights within a row; here the quantizer's scope determines which weights are compared.
    """

    def __init__(self, options: ActivationOptions) -> None:
        self.options = options

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64, non-negative."""
        squares = statistics.gram_diagonal
        if self.options.floor is not None:
            return np.maximum(squares, self.options.floor * np.median(squares))
        return squares + (statistics.damping if self.options.damped else 0.0)


class ActivationNorm(Wanda):
    """g_j as in `wanda`, without the weights: S_ij = Σ x_j² / tokens."""

    uses_weights = False


class ActivationMean:
    """S_ij = g_j = Σ x_j / tokens, which may be negative."""

    uses_weights = False

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64."""
        return statistics.mean


class ActivationProbability:
    """S_ij = g_j, the share of tokens at which x_j > 0 (Tang et al. 2024, whose x are the inputs of `down_proj`)."""

    uses_weights = False

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64, from 0 to 1."""
        return statistics.positive


class HiddenMean:
    """S_j = g_j, the mean over the tokens of feature j of the residual stream, which may be negative."""

    uses_weights = False

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64."""
        return statistics.hidden


class Magnitude:
    """Control, S_ij = w_ij²: all languages keep the same weights."""

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """Ones: (features,) float64."""
        return np.ones_like(statistics.gram_diagonal)


class Random:
    """Control, S_ij = w_ij² · g_j with log g_j normal and independent for each language and input."""

    def __init__(self, options: RandomOptions) -> None:
        self.options = options

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64, positive; depends only on the seed, the language and the input's name."""
        place = f"{self.options.seed}/{statistics.language}/{statistics.name}"
        seed = int.from_bytes(hashlib.sha256(place.encode()).digest()[:8], "big")
        drawn = np.random.default_rng(seed).normal(scale=self.options.spread, size=len(statistics.gram_diagonal))
        scores: NDArray[np.float64] = np.exp(drawn)
        return scores
