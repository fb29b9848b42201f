"""Options of `glottolog`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from langgeo_core.api import Options

Level = Annotated[str, Field(pattern=r"^(family|branch|depth-[1-9][0-9]*)$")]


class ResamplingOptions(Options):
    """How much resampling stands behind each figure."""

    permutations: PositiveInt = Field(999, description="Shuffled labellings that make the null.")
    subsamples: int = Field(200, ge=2, description="Halves of the languages that make the interval.")


class GlottologOptions(ResamplingOptions):
    """Which classes, which languages, and how much resampling."""

    levels: tuple[Level, ...] = Field(
        ("family", "branch"),
        min_length=1,
        description="Levels of the classification: family, branch, or depth-N for the N-th node from the family down.",
    )
    dialects: Literal["parent", "keep"] = Field(
        "parent",
        description="Whether a dialect stands for the language above it or is a node of its own below it.",
    )
    isolates: Literal["keep", "drop"] = Field(
        "keep", description="Whether an isolate is a class of its own at every level, or left out."
    )
    pseudo_families: Literal["drop", "keep"] = Field(
        "drop",
        description="Whether Glottolog's groups that are no families (Artificial Language, Pidgin, …) are left out.",
    )
