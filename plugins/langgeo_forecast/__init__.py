"""Predicts the time, memory and disk of a run from the shapes of its models."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `plan`."""
    yield records.Command(
        "plan", "Show what a run would do, and predict its time, memory and disk.", "langgeo_forecast.command:command"
    )
