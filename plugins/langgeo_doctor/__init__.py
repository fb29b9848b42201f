"""Checks a config, a machine and an installation of langgeo, shows components, verifies and prunes the cache."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `validate`, `show`, `plugins`, `doctor` and `cache`."""
    yield records.Command("validate", "Check a config, without loading a model.", "langgeo_doctor.validate:command")
    yield records.Command("show", "Show one component with its options.", "langgeo_doctor.show:command")
    yield records.Command("plugins", "List the plugins, and why one did not load.", "langgeo_doctor.plugins:command")
    yield records.Command("doctor", "Check this machine and installation.", "langgeo_doctor.command:command")
    yield records.Command("cache", "Show where statistics are kept, and how much.", "langgeo_doctor.cache:command")
