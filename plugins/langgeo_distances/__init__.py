"""Distances between signatures."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_distances() -> Iterator[records.Distance]:
    """Register the distances."""
    yield records.Distance(
        "hamming",
        "Share of weights that only one of two languages keeps, or whose levels differ.",
        "langgeo_distances.hamming:Hamming",
        source="Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
    yield records.Distance(
        "jaccard",
        "Share of the weights kept by at least one of two languages that only one keeps.",
        "langgeo_distances.jaccard:Jaccard",
        source="Jaccard 1912, The Distribution of the Flora in the Alpine Zone",
    )
    yield records.Distance(
        "l1",
        "Mean absolute difference of the values.",
        "langgeo_distances.norms:L1",
        signed=True,
        source="Deza & Deza 2016, Encyclopedia of Distances",
    )
    yield records.Distance(
        "l2",
        "Root of the mean squared difference of the values.",
        "langgeo_distances.norms:L2",
        signed=True,
        source="Deza & Deza 2016, Encyclopedia of Distances",
    )
    yield records.Distance(
        "cosine",
        "1 - the cosine of the angle between the values.",
        "langgeo_distances.angles:Cosine",
        signed=True,
        source="Salton & McGill 1983, Introduction to Modern Information Retrieval",
    )
    yield records.Distance(
        "correlation",
        "1 - Pearson's correlation of the values.",
        "langgeo_distances.angles:Correlation",
        signed=True,
        source="Pearson 1895, Note on Regression and Inheritance in the Case of Two Parents",
    )
    yield records.Distance(
        "jensen-shannon",
        "Root of the mean divergence of the scores; those of each matrix are treated as a distribution.",
        "langgeo_distances.divergence:JensenShannon",
        source="Lin 1991, Divergence Measures Based on the Shannon Entropy; "
        "Endres & Schindelin 2003, A New Metric for Probability Distributions",
    )
