"""Which language to transfer from: distances against tables of transfer scores, and advice from what was measured."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_evaluators() -> Iterator[records.Evaluator]:
    """Register `transfer`."""
    yield records.Evaluator(
        "transfer",
        "How well the distances rank the sources of cross-lingual transfer, against a table of scores.",
        "langgeo_transfer.evaluator:Transfer",
        options="langgeo_transfer.options:TransferOptions",
        source="Lin et al. 2019, Choosing Transfer Languages for Cross-Lingual Learning, ACL",
        shorthand="file",
    )


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `transfer`, `sources`, `rank` and `transfer-table`."""
    for name, summary, factory in (
        ("transfer", "Compare distances with a table of transfer scores.", "langgeo_transfer.command:command"),
        ("sources", "Print the languages to transfer from, for a target.", "langgeo_transfer.sources:command"),
        (
            "transfer-table",
            "Measure transfer, by a model that learns.",
            "langgeo_transfer.study_command:command",
        ),
        ("rank", "Learn to rank sources from a table of transfer scores.", "langgeo_transfer.rank:command"),
    ):
        yield records.Command(name, summary, factory)
