"""Options of `layers`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from langgeo_inference.api import ResamplingOptions

Kind = Literal["layers", "modules", "depths", "matrices"]
Unit = Literal["layers", "modules", "matrices"]
Figure = Literal[
    "map",
    "map-by-class",
    "map-across-scripts",
    "map-across-scripts-by-class",
    "map-within-script",
    "map-within-script-by-class",
    "nn1",
    "nn3",
    "nn5",
    "silhouette",
    "ari",
    "ami",
    "v_measure",
    "purity",
]


class LayersOptions(ResamplingOptions):
    """Which portions of the network are evaluated, by which figures, and how the greedy choice is tested."""

    permutations: PositiveInt = Field(199, description="Number of shuffled labellings behind each null.")
    subsamples: int = Field(100, ge=2, description="Number of halves of the languages behind each interval.")
    kinds: tuple[Kind, ...] = Field(
        ("layers", "modules", "depths", "matrices"),
        min_length=1,
        description="The portions: layers, modules (such as mlp.down_proj in all layers), depths (equal ranges of "
        "depth), matrices (each weight matrix: values alone, of figures that need no clusters).",
    )
    ranges: PositiveInt = Field(4, description="Number of equal ranges of depth.")
    figures: tuple[Figure, ...] = Field(
        ("nn1", "ari", "ami"),
        min_length=1,
        description="The figures of each portion: map, map-across-scripts, map-within-script, these with -by-class, "
        "nn1, nn3, nn5, silhouette of its distances, and ari, ami, v_measure, purity of the run's clusterers whose "
        "number of clusters follows the classes.",
    )
    levels: tuple[str, ...] = Field((), description="Levels of classes of the run's other evaluators. Default: all.")
    seeds: PositiveInt = Field(
        3, description="Seeds of each clusterer for each portion, at most as many as the run has."
    )
    greedy: tuple[Unit, ...] = Field(
        ("layers", "modules"),
        description="What the greedy choice chooses from: layers, modules, or matrices, which takes minutes.",
    )
    splits: NonNegativeInt = Field(
        20, description="Random splits of the languages into halves behind the greedy choice; 0 skips it."
    )
    steps: PositiveInt = Field(6, description="The most layers, or modules, that the greedy choice takes.")
