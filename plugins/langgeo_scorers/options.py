"""Options of the scorers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from langgeo_core.api import Options


class SparseGPTOptions(Options):
    """Options of `sparsegpt`."""

    diagonal: Literal["inverse", "cholesky"] = Field(
        "inverse",
        description="inverse: [H⁻¹]_jj, as written in the paper; "
        "cholesky: U_jj² with H⁻¹ = UᵀU, as in SparseGPT's code, which depends on the order of the columns.",
    )


class ActivationOptions(Options):
    """Options of `wanda` and `activation-norm`."""

    damped: bool = Field(
        False,
        description="Add the damping λ, so that features that are zero have a logarithm, which quantizer log needs.",
    )


class FisherOptions(Options):
    """Options of `fisher`."""

    weights: bool = Field(True, description="Multiply by w_ij²: the error of removing a weight; else F_ij alone.")
    gradient: Literal["token", "window"] = Field(
        "token",
        description="What a squared gradient is of: each token's own loss, or the loss of a whole window, as where the "
        "windows are the examples of a data set.",
    )


class RandomOptions(Options):
    """Options of `random`."""

    seed: int = Field(0, ge=0, description="Seed of the random numbers.")
    spread: float = Field(1.0, gt=0, description="Standard deviation of log g.")
