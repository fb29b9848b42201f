"""Options of the aggregators."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from langgeo_core.api import Options


class MeanOptions(Options):
    """How matrices of different scale are brought together."""

    normalise: Literal["auto", "always", "never"] = Field(
        "auto",
        description="Divide each matrix by its mean over the languages that all matrices have, and multiply the "
        "result by the mean of these means. auto: only where pairs are missing.",
    )
