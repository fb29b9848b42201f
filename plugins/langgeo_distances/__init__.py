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
