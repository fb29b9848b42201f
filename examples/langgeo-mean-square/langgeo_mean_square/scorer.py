"""The scorer."""

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import InputStatistics


class MeanSquare:
    """S_ij = w_ij² · g_j with g_j = Σ x_j² / tokens + λ; λ keeps it positive where a feature is never active."""

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64, positive."""
        return statistics.gram_diagonal + statistics.damping
