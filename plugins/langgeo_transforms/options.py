"""Options of the transforms, and of the baseline that applies them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, PositiveInt

from langgeo_core.api import Options, baseline_role

Written = str | dict[str, Any]


class WhitenOptions(Options):
    """How many axes are kept, and how far they are brought to one size."""

    axes: PositiveInt = Field(30, description="Axes that are kept at most, the largest first.")
    share: float = Field(
        0.25,
        gt=0,
        le=1,
        description="Axes that are kept at most, as a share of the number of languages: with as many axes as "
        "languages, whitening makes all equally far from each other.",
    )
    power: float = Field(
        1.0,
        ge=0,
        le=1,
        description="How far the axes are brought to one size: each is divided by its standard deviation to this "
        "power. 1 whitens, 0 leaves them as they are.",
    )


class LocalScalingOptions(Options):
    """Which neighbour gives a language's scale, and what is made of the scaled distance."""

    neighbours: PositiveInt = Field(
        7, description="A language's scale is its distance to this neighbour, counted from the nearest."
    )
    form: Literal["affinity", "ratio"] = Field(
        "affinity",
        description="affinity: 1 less the affinity, 1 - exp(-d² / σ σ'), between 0 and 1; ratio: d / √(σ σ').",
    )


class PartialOutOptions(Options):
    """What is taken out."""

    confounds: tuple[Written, ...] = Field(
        ("script",),
        min_length=1,
        description="`script` (whether two texts share one), or baselines that read no text, each by its name or as a "
        "map of its name and options: `geography`, or {name: file, path: …} for any matrix.",
    )


class TransformedOptions(Options):
    """Which baseline, and what is made of it."""

    baseline: Written = Field("char-ngrams", description="The baseline, by its name or a map of its name and options.")
    transforms: tuple[Written, ...] = Field(
        ("whiten",), min_length=1, description="The transforms in their order, each by its name or as such a map."
    )

    @property
    def role(self) -> str:
        """That of the baseline it is made of."""
        return baseline_role(self.baseline)
