"""Options of the transforms, and of the baseline that applies them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

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


class WhitenWithinOptions(Options):
    """The metric, how far the covariance is shrunk, and what is done with parallel lines and several models."""

    metric: Literal["cosine", "mahalanobis"] = Field(
        "cosine",
        description="cosine: 1 - cos of the angle at which the mean of all languages sees two of them; mahalanobis: "
        "how far apart they are, in standard deviations of a language's own variation.",
    )
    shrinkage: Literal["auto"] | NonNegativeFloat = Field(
        0.1,
        description="What is added to every eigenvalue of the covariance within languages, as a share of the mean of "
        "those that are not zero; 0 needs a covariance that is not singular. auto: estimated from the replicates "
        "(Ledoit & Wolf 2004).",
    )
    align: Literal["none", "lines"] = Field(
        "none",
        description="lines: take what a line does to all languages, its mean over them, off every replicate of that "
        "line first. It needs `reliability.each: line`.",
    )
    ensemble: Literal["together", "apart"] = Field(
        "together",
        description="Of several models and corpora. together: in one space, each member's squared distances divided by "
        "their mean over the replicates; apart: each by itself, then the mean of the distances. The aggregator has no "
        "part in either.",
    )
    exact_up_to: int = Field(
        8000,
        ge=16,
        description="Up to this many replicates of all languages every axis of their variation is found. Of more, a "
        "quarter of this number of axes are, by a randomised method with a fixed seed; the run's log has the error.",
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
