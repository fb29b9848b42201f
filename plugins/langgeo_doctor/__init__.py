"""Checks a machine and an installation of langgeo, and shows and prunes its cache."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `doctor` and `cache`."""
    yield records.Command("doctor", "Check this machine and installation.", "langgeo_doctor.command:command")
    yield records.Command("cache", "Show where statistics are kept, and how much.", "langgeo_doctor.cache:command")
