"""Options of the statistics."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from langgeo_formats.api import FormatOptions
from langgeo_inference.api import ResamplingOptions

TreeName = Literal["nj", "ward", "upgma"]


class TreesOptions(ResamplingOptions):
    """Which trees are made of the distances, and how many quartets are read."""

    permutations: PositiveInt = Field(199, description="Shuffled languages that make the null.")

    trees: tuple[TreeName, ...] = Field(
        ("nj", "ward", "upgma"),
        min_length=1,
        description="The trees: nj (neighbour joining, unrooted), ward, upgma (average linkage).",
    )
    quartets: PositiveInt = Field(
        200_000,
        description="The most quartets of languages that delta and q-residual read; where there are more, so many are "
        "drawn at random. The quartets that trees share are counted without listing them, all of them, at any size.",
    )


class ConfoundsOptions(ResamplingOptions):
    """Which distances the run's are explained with, and over which pairs."""

    predictors: Literal["all"] | tuple[str, ...] = Field(
        "all",
        description="What the distances are held against: script, geography, glottolog-tree, and the run's baselines "
        "by name; all takes these three and every baseline.",
    )
    ranks: bool = Field(False, description="Regress ranks of distances on ranks of distances; else the distances.")
    coverage: float = Field(
        0.9,
        ge=0,
        le=1,
        description="The least share of the languages that a predictor must place to take part in the regression, "
        "which is over the languages that all of them place.",
    )
    fewest: int = Field(
        12, ge=4, description="The least number of languages in one script for figures within that script alone."
    )


class TreeFilesOptions(FormatOptions):
    """Which trees are written, and what stands behind the support of their clades."""

    trees: tuple[TreeName, ...] = Field(("nj", "ward"), min_length=1, description="The trees: nj, ward, upgma.")
    support: Literal["auto", "replicates", "layers", "cells", "none"] = Field(
        "auto",
        description="The trees whose share with a clade is written at its node: replicates (of the texts without each "
        "of their replicates, three or more), layers (of random halves of the layers), cells (one for each model and "
        "corpus), none, auto (replicates where the run measured three or more, else layers where it keeps them).",
    )
    draws: PositiveInt = Field(100, description="Random halves of the layers.")
    seed: int = Field(0, ge=0, description="Of the random halves.")
