"""One matrix from several models and corpora."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_aggregators() -> Iterator[records.Aggregator]:
    """Register the aggregators."""
    yield records.Aggregator(
        "mean",
        "Mean over models and corpora; a pair that some matrices lack is averaged over the others, on a common scale.",
        "langgeo_aggregators.pairwise:Mean",
        options="langgeo_aggregators.options:MeanOptions",
        source="Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
    yield records.Aggregator(
        "median",
        "Median over models and corpora; a pair that some matrices lack is taken over the others, on a common scale.",
        "langgeo_aggregators.pairwise:Median",
        options="langgeo_aggregators.options:MedianOptions",
    )
    yield records.Aggregator(
        "rank-mean",
        "Mean of the ranks of the distances, independent of the scales of models and corpora.",
        "langgeo_aggregators.pairwise:RankMean",
    )
    yield records.Aggregator(
        "distatis",
        "DISTATIS: the compromise of complete matrices, each weighted by its agreement with the others.",
        "langgeo_aggregators.distatis:Distatis",
        options="langgeo_aggregators.options:DistatisOptions",
        source="Abdi, O'Toole, Valentin & Edelman 2005; Abdi, Williams, Valentin & Bennani-Dosse 2012",
    )
