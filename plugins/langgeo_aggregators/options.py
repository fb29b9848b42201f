"""Options of the aggregators."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat

from langgeo_core.api import Options

Normalise = Annotated[
    Literal["auto", "always", "never"],
    Field(
        description="Divide each matrix by its mean over the languages that all matrices have, and multiply the "
        "result by the mean of these means. auto: only where pairs are missing."
    ),
]


class MeanOptions(Options):
    """How matrices of different scale are brought together, and how much each counts."""

    normalise: Normalise = "auto"
    weights: dict[str, PositiveFloat] = Field(
        {}, description="How much a matrix counts, by its name `model--corpus`; those not named count 1."
    )


class MedianOptions(Options):
    """How matrices of different scale are brought together."""

    normalise: Normalise = "auto"


class DistatisOptions(Options):
    """What the entries of the matrices are."""

    squared: bool = Field(
        False,
        description="Take the entries as squared distances, as Hamming distances of bits are, and give back "
        "squared distances.",
    )
