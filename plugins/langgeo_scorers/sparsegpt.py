"""The scorer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import InputStatistics
from langgeo_scorers.sparsegpt_options import SparseGPTOptions


class SparseGPT:
    """S_ij = w_ij² / [H⁻¹]_jj, so g_j = 1 / [H⁻¹]_jj (Shamrai & Hamolia 2025, section 3)."""

    def __init__(self, options: SparseGPTOptions) -> None:
        self.options = options

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (features,) float64, positive."""
        if self.options.diagonal == "cholesky":
            return 1.0 / statistics.cholesky_diagonal
        return 1.0 / statistics.inverse_diagonal
