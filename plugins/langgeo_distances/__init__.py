"""Distances between signatures."""

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_distances() -> Iterator[components.Distance]:
    """Register the distances."""
    yield components.Distance(
        "hamming",
        "Share of weights that one language keeps and the other does not, or whose levels differ.",
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
        source="Deza & Deza 2016, Encyclopedia of Distances",
    )
    yield components.Distance(
        "l2",
        "Root of the mean squared difference of the values.",
        "langgeo_distances.norms:L2",
        source="Deza & Deza 2016, Encyclopedia of Distances",
    )
    yield components.Distance(
        "cosine",
        "1 - the cosine of the angle between the values.",
        "langgeo_distances.angles:Cosine",
        source="Salton & McGill 1983",
    )
    yield components.Distance(
        "correlation",
        "1 - Pearson's correlation of the values.",
        "langgeo_distances.angles:Correlation",
        source="Pearson 1895",
    )
    yield components.Distance(
        "jensen-shannon",
        "Root of the mean divergence of the scores, each matrix's read as a distribution.",
        "langgeo_distances.divergence:JensenShannon",
        source="Lin 1991; Endres & Schindelin 2003",
    )
