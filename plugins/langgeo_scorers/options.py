"""Options of the scorers."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

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
    floor: float | None = Field(
        None,
        gt=0,
        description="Replace what is below this share of the median of the input's features by that: another way to a "
        "logarithm of features that are zero, which leaves the others as they are. Unset: no floor.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.damped and self.floor is not None:
            raise ValueError("`damped` and `floor` exclude each other: choose one of them")
        return self


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
