"""Languages in a space, for Python users and on the command line."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `nearest`."""
    yield records.Command("nearest", "Print a language's nearest neighbours in a run.", "langgeo_atlas.nearest:command")
