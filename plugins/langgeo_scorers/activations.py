"""Scores from the mean squared activation of each feature."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import InputStatistics
from langgeo_scorers.options import ActivationOptions


class Wanda:
    """S_ij = w_ij² · g_j with g_j = Σ x_j² / tokens, the square of Wanda's |w_ij| · ‖x_j‖ (Sun et al. 2024).

    Wanda compares within a row; here the quantizer's scope says what is compared.
    """

    def __init__(self, options: ActivationOptions) -> None:
        self.options = options

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64, non-negative."""
        return statistics.gram_diagonal + (statistics.damping if self.options.damped else 0.0)


class ActivationNorm(Wanda):
    """S_ij = Σ x_j² / tokens."""

    uses_weights = False
