"""Scorers with a gradient of the loss for each weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from langgeo_scorers.options import FisherOptions

if TYPE_CHECKING:
    import torch

Float32 = NDArray[np.float32]


class Fisher:
    """S_ij = w_ij² · F_ij with F_ij = Σ_t (∂ℓ/∂w_ij at token t)² / tokens, the diagonal of the empirical Fisher.

    F replaces the loss's second derivative in the error of removing a weight, ½ w_ij² ∂²ℓ/∂w_ij² (LeCun, Denker &
    Solla 1990; Theis et al. 2018). Token t contributes δ_ti x_tj to the gradient of a linear layer with input x and
    output gradient δ, so the sum of squares is one matrix product of squares (Goodfellow 2015). With the gradients of
    windows, F_ij = Σ_windows (Σ_t δ_ti x_tj)² / tokens; without the weights, S_ij = F_ij (Yun et al. 2023).
    """

    def __init__(self, options: FisherOptions) -> None:
        self._options = options
        self.statistic = "squared-gradient/1" if options.gradient == "token" else "squared-window-gradient/1"

    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        """(rows, columns) Σ_t δ_ti² x_tj², or (Σ_t δ_ti x_tj)², of (tokens, columns) inputs and (tokens, rows) δ."""
        if self._options.gradient == "token":
            return gradients.square().T @ inputs.square()
        return (gradients.T @ inputs).square()

    def scores(self, statistic: Float32, weights: Float32, tokens: int) -> Float32:
        """(rows, columns) float32, non-negative."""
        means = statistic / np.float32(tokens)
        scores: Float32 = np.square(weights) * means if self._options.weights else means
        return scores


class Taylor:
    """S_ij = (w_ij · ∂ℓ/∂w_ij)² with ∂ℓ/∂w_ij = Σ_t δ_ti x_tj / tokens.

    To first order, removing the weight changes the text's mean loss by w_ij · ∂ℓ/∂w_ij (Molchanov et al. 2017, 2019).
    Gradients of different tokens may cancel, unlike in `fisher`.
    """

    statistic = "gradient/1"

    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        """(rows, columns) Σ_t δ_ti x_tj of (tokens, columns) inputs and (tokens, rows) gradients."""
        return gradients.T @ inputs

    def scores(self, statistic: Float32, weights: Float32, tokens: int) -> Float32:
        """(rows, columns) float32, non-negative."""
        scores: Float32 = np.square(weights * (statistic / np.float32(tokens)))
        return scores


class Gradient:
    """S_ij = ∂ℓ/∂w_ij = Σ_t δ_ti x_tj / tokens, with its sign: which way the text would move the weight.

    The inner product of the gradients of two texts is, to first order, what a small step of gradient descent on one
    takes off the loss of the other (Pruthi et al. 2020, equation 1), so the cosine distance between languages predicts
    transfer. Reads the cells of `taylor`.
    """

    statistic = Taylor.statistic
    signed = True

    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        """(rows, columns) Σ_t δ_ti x_tj of (tokens, columns) inputs and (tokens, rows) gradients."""
        return gradients.T @ inputs

    def scores(self, statistic: Float32, weights: Float32, tokens: int) -> Float32:
        """(rows, columns) float32, of either sign."""
        scores: Float32 = statistic / np.float32(tokens)
        return scores
