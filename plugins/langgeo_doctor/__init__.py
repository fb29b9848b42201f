"""Checks a machine and an installation of langgeo."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `doctor`."""
    yield records.Command("doctor", "Check this machine and installation.", "langgeo_doctor.command:command")
