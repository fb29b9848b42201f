"""Options of the clusterers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from langgeo_core.api import Options


class KMeansOptions(Options):
    """Options of `kmeans`."""

    k: Literal["classes"] | PositiveInt = Field(
        "classes", description="Number of clusters; `classes`: the number of classes at each level of the labels."
    )
    seeds: PositiveInt = Field(
        20, description="Number of clusterings with different seeds; metrics report their mean and standard deviation."
    )
    n_init: PositiveInt = Field(10, description="Starts in one clustering; the one with the smallest inertia is kept.")


class AgglomerativeOptions(Options):
    """Options of `agglomerative`."""

    k: Literal["classes"] | PositiveInt = Field(
        "classes", description="Number of clusters; `classes`: the number of classes at each level of the labels."
    )
    linkage: Literal["average", "ward", "complete", "single"] = Field(
        "average",
        description="Distance of two clusters: the mean distance of their languages (`average`), the increase of the "
        "variance within clusters (`ward`), the largest (`complete`) or the smallest (`single`) distance.",
    )


class SpectralOptions(Options):
    """Options of `spectral`."""

    k: Literal["classes"] | PositiveInt = Field(
        "classes", description="Number of clusters; `classes`: the number of classes at each level of the labels."
    )
    seeds: PositiveInt = Field(
        20, description="Number of clusterings with different seeds; metrics report their mean and standard deviation."
    )
    scale: PositiveFloat = Field(
        1.0, description="Width σ of the Gaussian kernel, as a multiple of the median distance between points."
    )


class HdbscanOptions(Options):
    """Options of `hdbscan`."""

    min_cluster_size: int = Field(2, ge=2, description="Minimum number of languages in a cluster.")
    min_samples: PositiveInt | None = Field(
        None,
        description="Number of neighbours in a dense region; more give more noise. Unset: min_cluster_size.",
    )
    cluster_selection_method: Literal["eom", "leaf"] = Field(
        "eom", description="Select the most persistent clusters of the tree (`eom`) or its leaves (`leaf`)."
    )
    cluster_selection_epsilon: NonNegativeFloat = Field(
        0.0, description="Clusters closer than this are merged; in units of the embedding."
    )
    allow_single_cluster: bool = Field(False, description="Whether all languages may be in a single cluster.")
