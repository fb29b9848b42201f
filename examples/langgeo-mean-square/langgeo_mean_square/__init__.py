"""The scorer mean-square."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_scorers() -> Iterator[records.Scorer]:
    """Register `mean-square`."""
    yield records.Scorer(
        "mean-square",
        "Squared weight times mean squared input.",
        "langgeo_mean_square.scorer:MeanSquare",
        statistics=("gram_diagonal",),
    )
