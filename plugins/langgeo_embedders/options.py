"""Options of the embedders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from langgeo_core.api import Options

Dimensions = Annotated[PositiveInt, Field(description="Number of axes of the map.")]
Seed = Annotated[int, Field(ge=0, lt=2**32, description="Random seed; the same seed gives the same map.")]
Neighbours = Annotated[
    int,
    Field(ge=2, description="Number of nearest neighbours of each language; at most all others."),
]


class TorgersonOptions(Options):
    """Options of `torgerson`."""

    transform: Literal["identity", "sqrt"] = Field(
        "identity",
        description="Embed the distances as they are (as published) or their square root, which is exactly "
        "Euclidean for Hamming distances of bits.",
    )
    axes: Literal["all"] | PositiveInt = Field(
        "all",
        description="Number of axes to keep, largest first; `all` keeps each positive eigenvalue, "
        "and so does a number larger than that.",
    )


class SmacofOptions(Options):
    """Options of `smacof`."""

    dimensions: Dimensions = 2
    metric: bool = Field(True, description="Fit the distances (true) or only their order (false).")
    n_init: PositiveInt = Field(8, description="Number of random starts; the result with the smallest stress is kept.")
    max_iter: PositiveInt = Field(1000, description="Maximum number of steps from one start.")
    tolerance: PositiveFloat = Field(
        1e-6, description="Stop when a step reduces the stress by less than this share of the sum of squared distances."
    )
    seed: Seed = 0


class TSneOptions(Options):
    """Options of `tsne`."""

    dimensions: Dimensions = 2
    perplexity: float = Field(
        30.0, ge=1, description="Effective number of neighbours; at most a third of the other languages."
    )
    max_iter: int = Field(1000, ge=250, description="Maximum number of steps of gradient descent.")
    seed: Seed = 0


class IsomapOptions(Options):
    """Options of `isomap`."""

    dimensions: Dimensions = 2
    n_neighbors: Neighbours = 5


class UmapOptions(Options):
    """Options of `umap`."""

    dimensions: Dimensions = 2
    n_neighbors: Neighbours = 15
    min_dist: NonNegativeFloat = Field(0.1, le=1, description="Minimum distance between points of the map.")
    n_epochs: PositiveInt = Field(500, description="Number of passes over the pairs of neighbours.")
    seed: Seed = 0
