"""Options of `layers`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from langgeo_glottolog.options import ResamplingOptions

Kind = Literal["layers", "modules", "depths", "matrices"]
Unit = Literal["layers", "modules", "matrices"]
Figure = Literal["nn1", "nn3", "nn5", "silhouette", "ari", "ami", "v_measure", "purity"]


class LayersOptions(ResamplingOptions):
    """Which parts are looked at, by which figures, and how hard the greedy choice is tested."""

    permutations: PositiveInt = Field(199, description="Shuffled labellings that make the null of each part.")
    subsamples: int = Field(100, ge=2, description="Halves of the languages that make the intervals.")
    kinds: tuple[Kind, ...] = Field(
        ("layers", "modules", "depths", "matrices"),
        min_length=1,
        description="The parts: layers, modules (such as mlp.down_proj in all layers), depths (equal ranges of depth), "
        "matrices (each weight matrix, by the value alone of figures that need no clusters).",
    )
    ranges: PositiveInt = Field(4, description="How many equal ranges the depth is divided into.")
    figures: tuple[Figure, ...] = Field(
        ("nn1", "ari", "ami"),
        min_length=1,
        description="The figures of each part: nn1, nn3, nn5, silhouette of its distances, and ari, ami, v_measure, "
        "purity of the run's clusterers whose number of clusters follows the classes.",
    )
    levels: tuple[str, ...] = Field(
        (), description="The levels of classes, of those that the run's evaluators have. Left out: all."
    )
    seeds: PositiveInt = Field(3, description="Seeds of each clusterer for each part, at most as many as the run has.")
    greedy: tuple[Unit, ...] = Field(
        ("layers", "modules"),
        description="The parts that the greedy choice takes from: layers, modules, matrices, which takes minutes.",
    )
    splits: NonNegativeInt = Field(
        20, description="Random splits of the languages in two behind the greedy choice; 0 leaves it out."
    )
    steps: PositiveInt = Field(6, description="The most layers, or modules, that the greedy choice takes.")
