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
    yield components.Quantizer(
        "quantile",
        "One bit a weight: whether its score is among the language's top share.",
        "langgeo_quantizers.top:Quantile",
        options="langgeo_quantizers.options:QuantileOptions",
    )
    yield components.Quantizer(
        "none",
        "The scores as they are; distances are then ruled by a few large features.",
        "langgeo_quantizers.continuous:Identity",
    )
    yield components.Quantizer(
        "log",
        "The scores' logarithms, zero weights left out: the continuous counterpart of a bit.",
        "langgeo_quantizers.continuous:Logarithm",
    )
