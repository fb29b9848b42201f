"""The first term of the loss's Taylor series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Float32 = NDArray[np.float32]


class Taylor:
    """S_ij = (w_ij · ∂ℓ/∂w_ij)² with ∂ℓ/∂w_ij = Σ_t δ_ti x_tj / tokens.

    To first order, w_ij · ∂ℓ/∂w_ij is what the text's mean loss changes by when the weight is removed (Molchanov et al.
    2017, 2019). Where tokens pull in different directions they cancel, which they do not in `fisher`.
    """

    statistic = "gradient/1"

    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        """(rows, columns) Σ_t δ_ti x_tj of (tokens, columns) inputs and (tokens, rows) gradients."""
        return gradients.T @ inputs

    def scores(self, statistic: Float32, weights: Float32, tokens: int) -> Float32:
        """(rows, columns) float32, non-negative."""
        scores: Float32 = np.square(weights * (statistic / np.float32(tokens)))
        return scores
