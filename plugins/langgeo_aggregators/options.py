"""Options of the aggregators."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat

from langgeo_core.api import Options

Normalise = Annotated[
    Literal["auto", "always", "never"],
    Field(
        description="Divide each matrix by its mean over the pairs that all matrices have, and multiply the result "
        "by the mean of these means. auto: only if pairs are missing."
    ),
]


class MeanOptions(Options):
    """Options of `mean`."""

    normalise: Normalise = "auto"
    weights: dict[str, PositiveFloat] = Field(
        {}, description="Weight of each matrix, by its name `model--corpus`; the default weight is 1."
    )


class MedianOptions(Options):
    """Options of `median`."""

    normalise: Normalise = "auto"


class DistatisOptions(Options):
    """Options of `distatis`."""

    squared: bool = Field(
        False,
        description="Treat the entries as squared distances, as Hamming distances of bits are, and return "
        "squared distances.",
    )
