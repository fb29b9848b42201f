"""Options of the quantizers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from langgeo_core.api import Options

Scope = Literal["row", "matrix", "layer", "global"]
Centre = Literal["mean", "geometric-mean", "median"]

SCOPE = (
    "row: of each row of a weight matrix, one output; matrix: of each weight matrix; layer: of each decoder block; "
    "global: of the whole model, which keeps nearly all or nothing of a matrix whose scale is unlike the others'."
)


class MedianOptions(Options):
    """Over which weights the median is taken."""

    scope: Scope = Field("matrix", description=SCOPE)


class QuantileOptions(Options):
    """How many weights are kept, and among which."""

    keep: float = Field(0.5, gt=0, lt=1, description="Share of weights kept.")
    scope: Scope = Field("matrix", description=SCOPE)


class NBitOptions(Options):
    """How many levels there are, and among which weights they are equally filled."""

    bits: int = Field(2, ge=1, le=8, description="Bits a weight: 2^bits levels.")
    scope: Scope = Field("matrix", description=SCOPE)


class RankOptions(Options):
    """Among which weights a weight is ranked."""

    scope: Literal["row", "matrix"] = Field("matrix", description="matrix: of each weight matrix; row: of each row.")
    memory: float = Field(
        4.0,
        gt=0,
        description="GiB that the sorted scores of all languages for one weight matrix may take (scope matrix).",
    )


class DifferenceOptions(Options):
    """What a language's score is compared with."""

    centre: Centre = Field("mean", description="Of the run's languages' scores of the same weight.")
