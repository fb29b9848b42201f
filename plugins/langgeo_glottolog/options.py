"""Options of `glottolog`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from langgeo_inference.api import ResamplingOptions

Level = Annotated[str, Field(pattern=r"^(family|branch|depth-[1-9][0-9]*)$")]


class GlottologOptions(ResamplingOptions):
    """Which classes, which languages, and how much resampling."""

    levels: tuple[Level, ...] = Field(
        ("family", "branch"),
        min_length=1,
        description="Levels of the classification: family, branch, or depth-N for the N-th node from the family down.",
    )
    dialects: Literal["parent", "keep"] = Field(
        "parent",
        description="Whether a dialect has the class of the language above it, or is a node of its own below it.",
    )
    isolates: Literal["keep", "drop"] = Field(
        "keep", description="Whether an isolate is a class of its own at every level, or left out."
    )
    pseudo_families: Literal["drop", "keep"] = Field(
        "drop",
        description="Whether languages in groups without a common ancestor (Artificial Language, Pidgin, …) are left "
        "out.",
    )
