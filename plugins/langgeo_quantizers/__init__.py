"""From scores to signatures."""

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_quantizers() -> Iterator[components.Quantizer]:
    """Register the quantizers."""
    yield components.Quantizer(
        "median",
        "One bit a weight: whether its score exceeds the language's median.",
        "langgeo_quantizers.median:Median",
        options="langgeo_quantizers.options:MedianOptions",
        source="Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
