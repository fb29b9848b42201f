"""Options of the embedders."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from langgeo_core.api import Options

Dimensions = Annotated[PositiveInt, Field(description="How many axes the map has.")]
Seed = Annotated[int, Field(ge=0, lt=2**32, description="Seed of everything random: the same seed, the same map.")]
Neighbours = Annotated[
    int,
    Field(ge=2, description="How many nearest neighbours each language has; at most all others."),
]


class SmacofOptions(Options):
    """What is fitted, and how hard the least stress is sought."""

    dimensions: Dimensions = 2
    metric: bool = Field(True, description="Fit the distances themselves (true) or their order alone (false).")
    n_init: PositiveInt = Field(8, description="Random starts, of which the one with the least stress is kept.")
    max_iter: PositiveInt = Field(1000, description="The most steps from one start.")
    tolerance: PositiveFloat = Field(
        1e-6, description="Stop when a step lowers the stress by less than this share of the sum of squared distances."
    )
    seed: Seed = 0


class TSneOptions(Options):
    """How wide a neighbourhood is, and how long the map is improved."""

    dimensions: Dimensions = 2
    perplexity: float = Field(
        30.0, ge=1, description="About how many neighbours count; at most a third of the other languages."
    )
    max_iter: int = Field(1000, ge=250, description="The most steps of gradient descent.")
    seed: Seed = 0


class IsomapOptions(Options):
    """Which ways the geodesic distances may take."""

    dimensions: Dimensions = 2
    n_neighbors: Neighbours = 5


class UmapOptions(Options):
    """How wide a neighbourhood is, and how tightly the map packs it."""

    dimensions: Dimensions = 2
    n_neighbors: Neighbours = 15
    min_dist: NonNegativeFloat = Field(0.1, le=1, description="How close two points of the map may lie.")
    seed: Seed = 0
