"""Help while typing: a JSON schema of configs for editors, and completion of words for shells."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `schema` and `completion`."""
    yield records.Command("schema", "Print the JSON schema of configs, for editors.", "langgeo_editor.schema:command")
    yield records.Command(
        "completion",
        "Print the script that makes a shell complete words.",
        "langgeo_editor.completion:command",
        complete="langgeo_editor.completion:offer",
    )
