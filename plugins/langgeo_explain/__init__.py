"""What adds most to the distance of two languages in a finished run."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `explain`."""
    yield records.Command(
        "explain",
        "Show which layers and modules add most to the distance of two languages.",
        "langgeo_explain.command:command",
    )
