"""One matrix from several models and corpora."""

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_aggregators() -> Iterator[components.Aggregator]:
    """Register the aggregators."""
    yield components.Aggregator(
        "mean",
        "Mean over models and corpora; pairs that some lack are averaged over the rest, on a common scale.",
        "langgeo_aggregators.mean:Mean",
        options="langgeo_aggregators.options:MeanOptions",
        source="Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
