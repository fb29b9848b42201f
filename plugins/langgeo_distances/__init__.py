"""Distances between signatures."""

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_distances() -> Iterator[components.Distance]:
    """Register the distances."""
    yield components.Distance(
        "hamming",
        "Share of weights that one language keeps and the other does not.",
        "langgeo_distances.hamming:Hamming",
        source="Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
    yield components.Distance(
        "jaccard",
        "Share of the weights kept by either language that only one keeps.",
        "langgeo_distances.jaccard:Jaccard",
        source="Jaccard 1912",
    )
    yield components.Distance(
        "l1",
        "Mean absolute difference of the values.",
        "langgeo_distances.norms:L1",
    )
    yield components.Distance(
        "l2",
        "Root of the mean squared difference of the values.",
        "langgeo_distances.norms:L2",
    )
    yield components.Distance(
        "cosine",
        "1 - the cosine of the angle between the values.",
        "langgeo_distances.angles:Cosine",
    )
    yield components.Distance(
        "correlation",
        "1 - Pearson's correlation of the values.",
        "langgeo_distances.angles:Correlation",
    )
