"""Options of the scorers."""

from __future__ import annotations

from pydantic import Field

from langgeo_core.api import Options


class ActivationOptions(Options):
    """What is added to the mean squared activation."""

    damped: bool = Field(
        False,
        description="Add λ, so that a feature that is zero in some language has a logarithm, as quantizer log needs.",
    )


class RandomOptions(Options):
    """How the control is drawn."""

    seed: int = Field(0, ge=0, description="Seed of the draw.")
    spread: float = Field(1.0, gt=0, description="Standard deviation of log g.")
