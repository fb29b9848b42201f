"""From scores to signatures."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_quantizers() -> Iterator[records.Quantizer]:
    """Register the quantizers."""
    yield records.Quantizer(
        "median",
        "One bit a weight: whether its score exceeds the language's median.",
        "langgeo_quantizers.bits:Median",
        options="langgeo_quantizers.options:MedianOptions",
        source="Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
    yield records.Quantizer(
        "quantile",
        "One bit a weight: whether its score is among the language's top share.",
        "langgeo_quantizers.bits:Quantile",
        options="langgeo_quantizers.options:QuantileOptions",
        source="Hyndman & Fan 1996, Sample Quantiles in Statistical Packages",
    )
    yield records.Quantizer(
        "n-bit",
        "A few bits a weight: which of 2^bits equally filled levels its score lies in.",
        "langgeo_quantizers.levels:NBit",
        options="langgeo_quantizers.options:NBitOptions",
        source="Hyndman & Fan 1996, Sample Quantiles in Statistical Packages",
    )
    yield records.Quantizer(
        "rank",
        "Each weight's mid-rank among the language's scores; their correlation is Spearman's.",
        "langgeo_quantizers.ranks:Rank",
        options="langgeo_quantizers.options:RankOptions",
        source="Spearman 1904, The Proof and Measurement of Association between Two Things",
    )
    yield records.Quantizer(
        "sign-of-difference",
        "One bit a weight: whether its score exceeds the mean of the run's languages.",
        "langgeo_quantizers.bits:SignOfDifference",
        options="langgeo_quantizers.options:DifferenceOptions",
        source="docs/explanation/method.md",
    )
    yield records.Quantizer(
        "none",
        "The scores as they are; distances are then ruled by a few large features.",
        "langgeo_quantizers.continuous:Identity",
        signed=True,
        source="docs/explanation/method.md",
    )
    yield records.Quantizer(
        "log",
        "The scores' logarithms, zeros left out: the continuous counterpart of a bit.",
        "langgeo_quantizers.continuous:Logarithm",
        source="docs/explanation/method.md",
    )
