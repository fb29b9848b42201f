"""Writes the package of a new plugin, which installs, lists, runs and passes its tests at once."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `new-plugin`."""
    yield records.Command(
        "new-plugin", "Write the package of a new plugin, ready to install.", "langgeo_new_plugin.command:command"
    )
