"""Which weight matrices set two languages of a run apart."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `explain`."""
    yield records.Command(
        "explain", "Show which layers and modules set two languages of a run apart.", "langgeo_explain.command:command"
    )
