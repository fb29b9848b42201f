"""Options of the clusterers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from langgeo_core.api import Options


class KMeansOptions(Options):
    """How many clusters, and how often they are sought."""

    k: Literal["classes"] | PositiveInt = Field(
        "classes", description="Number of clusters; `classes` takes as many as each level of the labels has."
    )
    seeds: PositiveInt = Field(20, description="Clusterings, one a seed; metrics report their mean and spread.")
    n_init: PositiveInt = Field(10, description="Starts within one clustering, of which the tightest is kept.")


class AgglomerativeOptions(Options):
    """How many clusters, and how near two of them are."""

    k: Literal["classes"] | PositiveInt = Field(
        "classes", description="Number of clusters; `classes` takes as many as each level of the labels has."
    )
    linkage: Literal["average", "ward", "complete", "single"] = Field(
        "average",
        description="How near two clusters are: the mean distance of their languages (`average`), the growth of the "
        "spread within (`ward`), the farthest two (`complete`) or the nearest two (`single`).",
    )


class SpectralOptions(Options):
    """How many clusters, how often they are sought, and how far kinship reaches."""

    k: Literal["classes"] | PositiveInt = Field(
        "classes", description="Number of clusters; `classes` takes as many as each level of the labels has."
    )
    seeds: PositiveInt = Field(20, description="Clusterings, one a seed; metrics report their mean and spread.")
    scale: PositiveFloat = Field(
        1.0, description="Width σ of the Gaussian kernel, in medians of the distances between points."
    )


class HdbscanOptions(Options):
    """How dense and how large a cluster must be."""

    min_cluster_size: int = Field(2, ge=2, description="The fewest languages that make a cluster.")
    min_samples: PositiveInt | None = Field(
        None, description="Neighbours that a dense place has; more makes more noise. Unset: min_cluster_size."
    )
    cluster_selection_method: Literal["eom", "leaf"] = Field(
        "eom", description="Take the most persistent clusters of the tree (`eom`) or its leaves (`leaf`)."
    )
    cluster_selection_epsilon: NonNegativeFloat = Field(
        0.0, description="Clusters closer than this are merged; in the units of the embedding."
    )
    allow_single_cluster: bool = Field(False, description="Whether all languages may end up in a single cluster.")
