"""Options of the quantizers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from langgeo_core.api import Options

Scope = Literal["matrix", "layer", "global"]

SCOPE = (
    "matrix: of each weight matrix; layer: of each decoder block; "
    "global: of the whole model, which keeps nearly all or nothing of a matrix whose scale is unlike the others'."
)


class MedianOptions(Options):
    """Over which weights the median is taken."""

    scope: Scope = Field("matrix", description=SCOPE)


class QuantileOptions(Options):
    """How many weights are kept, and among which."""

    keep: float = Field(0.5, gt=0, lt=1, description="Share of weights kept.")
    scope: Scope = Field("matrix", description=SCOPE)
