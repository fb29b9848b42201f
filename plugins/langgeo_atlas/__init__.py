"""Answers at once: spaces that come with langgeo, and what Python users call."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `distance`, `nearest`, `map`, `compare` and `atlas`."""
    for name, summary in (
        ("distance", "Print the distance of two languages, from a packaged space or a run."),
        ("nearest", "Print a language's nearest neighbours, from a packaged space or a run."),
        ("map", "Open the page of a packaged space or a run in a browser."),
        ("compare", "Compare two spaces: runs, packaged ones, or files of distances."),
        ("atlas", "List the spaces that come with langgeo."),
    ):
        yield records.Command(name, summary, f"langgeo_atlas.commands:{name}_command")
