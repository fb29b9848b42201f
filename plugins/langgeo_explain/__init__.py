"""What a finished run says of some languages: the nearest ones, and what adds most to the distance of two."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `nearest` and `explain`."""
    yield records.Command(
        "nearest", "Print a language's nearest neighbours in a run.", "langgeo_explain.nearest:command"
    )
    yield records.Command(
        "explain",
        "Show which layers and modules add most to the distance of two languages.",
        "langgeo_explain.command:command",
    )
