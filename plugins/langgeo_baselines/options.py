"""Options of the baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, NonNegativeFloat, PositiveInt, field_validator, model_validator

from langgeo_core.api import Options


class ShareOptions(Options):
    """Which distance is taken of the shares of n-grams or tokens."""

    distance: Literal["jensen-shannon", "hellinger"] = Field(
        "jensen-shannon",
        description="Of the shares p and q of two languages: the divergence of Jensen and Shannon, or that of "
        "Hellinger, ½ Σ (√p − √q)².",
    )
    centre: bool = Field(
        False,
        description="Subtract the mean over the languages from the vectors √p, and take 1 less the cosine of what is "
        "left; for `distance: hellinger`, whose vectors these are.",
    )
    root: bool = Field(
        True,
        description="Take the root of the divergence, which is a metric; else the divergence itself. Of no effect with "
        "`centre`.",
    )

    @model_validator(mode="after")
    def _centred_vectors(self) -> Self:
        if self.centre and self.distance != "hellinger":
            raise ValueError("centre needs distance: hellinger: the other distance is not one of vectors")
        return self

    @property
    def squared(self) -> bool:
        """Whether the distances are squares of Euclidean ones: a divergence, or 1 - cosine."""
        return self.centre or not self.root


class TextOptions(ShareOptions):
    """What is read of each text, and which distance is taken."""

    text: Literal["calibration", "all"] = Field(
        "calibration",
        description="What is read of each language's text: `calibration`, what the run's models read of it, the same "
        "number of tokens for every language; or `all` of it.",
    )
    characters: Literal["all"] | PositiveInt = Field(
        "all", description="How much of that: `all`, or this many characters from its start."
    )
    letters: bool = Field(
        False, description="Read letters and their marks only: all else counts as white space, as a word boundary."
    )


class CharacterOptions(TextOptions):
    """Options of `char-ngrams`."""

    n: int = Field(2, ge=1, le=4, description="Characters in an n-gram.")


class ByteOptions(TextOptions):
    """Options of `byte-ngrams`."""

    n: int = Field(2, ge=1, le=7, description="Bytes in an n-gram.")


class TokenOptions(Options):
    """Which tokens are read."""

    tokens: Literal["calibration", "all"] = Field(
        "calibration",
        description="Which tokens are read of each language's text: `calibration`, those that the run's calibration "
        "reads, the same number for every language; or `all`, which suits texts that are translations of each other.",
    )


class OverlapOptions(TokenOptions):
    """Options of `token-overlap`."""

    weighted: bool = Field(False, description="Weigh the tokens by their shares of the text; else each counts as one.")


class DistributionOptions(TokenOptions, ShareOptions):
    """Options of `token-distribution`."""


Unit = Literal["character", "byte", "word"]


class FertilityOptions(Options):
    """Options of `fertility`."""

    unit: Unit = Field("character", description="What tokens are counted per: character, byte or word of the text.")


class VectorOptions(Options):
    """How vectors are compared."""

    metric: Literal["cosine", "euclidean"] = Field(
        "cosine",
        description="1 less the cosine of the angle between two vectors, or the root of the mean squared difference.",
    )


class UrielOptions(VectorOptions):
    """Options of `uriel`."""

    features: Literal["syntax_average", "phonology_average", "inventory_average", "geo"] = Field(
        "syntax_average", description="The set of features, as lang2vec calls it."
    )
    shared: int = Field(
        20, ge=1, description="A pair of languages is missing where fewer features than these are documented of both."
    )


class UrielGeneticOptions(VectorOptions):
    """Options of `uriel-genetic`."""

    features: Literal["fam", "syntax_knn", "phonology_knn", "inventory_knn"] = Field(
        "fam", description="The set of features, as lang2vec calls it."
    )


class PathOptions(Options):
    """What is read."""

    path: Path

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()


class LdndOptions(PathOptions):
    """Options of `ldnd`."""

    path: Path = Field(description="The ASJP database's lists.txt, or CLDF: forms.csv or its folder.")
    lists: Literal["mean", "first"] = Field(
        "mean", description="Where a language has several word lists: the mean of their distances, or the first alone."
    )
    shared: int = Field(
        20, ge=2, description="A pair of word lists is left out where fewer meanings than these are in both."
    )


class FileOptions(PathOptions):
    """Options of `file`."""

    path: Path = Field(
        description="The folder of a finished run, or a file of distances as CSV, PHYLIP, NEXUS or the study's JSON."
    )
    matrix: str | None = Field(None, min_length=1, description="Which of several matrices of a JSON file.")
    distances: bool = Field(False, description="A file's numbers are distances, even if they look like similarities.")
    role: Literal["rival", "facts", "run", "control", "ceiling"] = Field(
        "run",
        description="What these distances are: `run`, of another run; `control`, of a model that has learnt nothing, "
        "such as one of random weights, so that training is credited with what exceeds them; `rival`, of the texts, "
        "without a language model; `facts`, of what is known of the languages; `ceiling`, of something that knows the "
        "answer.",
    )


class BlendOptions(Options):
    """What is blended, and how much each counts."""

    baselines: tuple[str | dict[str, Any], ...] = Field(
        min_length=2, description="The baselines, each by its name or a map of its name and options."
    )
    weights: tuple[NonNegativeFloat, ...] = Field(
        (), description="How much the distances of each count, in the same order. Empty: all the same."
    )

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if self.weights and (len(self.weights) != len(self.baselines) or not sum(self.weights)):
            raise ValueError(f"{len(self.baselines)} weights that are not all 0 are needed, one for each baseline")
        return self

    @property
    def shares(self) -> NDArray[np.float64]:
        """(baselines,) weights that sum to 1."""
        weights = np.array(self.weights or [1.0] * len(self.baselines))
        shares: NDArray[np.float64] = weights / weights.sum()
        return shares
