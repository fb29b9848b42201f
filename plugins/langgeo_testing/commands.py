"""What a command promises."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import click
from click.testing import CliRunner

from langgeo_core.hooks import records
from langgeo_testing.check import Subject, broken, require

HEAVY = ("torch", "transformers", "numpy", "scipy", "sklearn", "pandas", "matplotlib", "plotly", "numba", "hdbscan")


def it_is_a_command_of_that_name(subject: Subject) -> None:
    """The factory is a `click.Command` with the name of the record."""
    command = _command(subject)
    require(command.name == subject.record.name, f"{subject.record.factory} is the command {command.name!r}")


def it_has_no_component_options(subject: Subject) -> None:
    """A record of a command has no options: the command declares its own to click."""
    require(not subject.record.options, f"options={subject.record.options!r}")


def help_is_printed(subject: Subject) -> None:
    """`--help` works for the command and each of its subcommands, and prints what it is for."""
    for words, command in _commands(subject):
        printed = CliRunner().invoke(command, ["--help"])
        require(printed.exit_code == 0, f"{' '.join(words)} --help ends with {printed.exit_code}: {printed.output}")
        require(bool((command.help or "").strip()), f"{' '.join(words)} has no help")


def help_shows_an_example(subject: Subject) -> None:
    """The help shows an example of how the command is called."""
    for words, command in _commands(subject):
        _, found, example = (command.help or "").partition("Example")
        call = f"langgeo {' '.join(words)}"
        require(bool(found) and call in example, f"the help has no line such as `Example: {call} …`")


def every_option_has_help(subject: Subject) -> None:
    """Every option says what it is for."""
    for words, command in _commands(subject):
        bare = [option.opts[-1] for option in command.params if isinstance(option, click.Option) and not option.help]
        require(not bare, f"{' '.join(words)}: no help for {', '.join(bare)}")


def registering_it_imports_nothing_heavy(subject: Subject) -> None:
    """The package that registers the command can be imported without any large library: `langgeo --help` does so."""
    package = subject.record.factory.partition(":")[0].partition(".")[0]
    code = f"import sys, {package}; print(*(set({HEAVY!r}) & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    require(done.returncode == 0, f"import {package} fails: {done.stderr.strip()}")
    require(not done.stdout.strip(), f"import {package} imports {', '.join(sorted(done.stdout.split()))}")


def a_config_key_has_its_check(subject: Subject) -> None:
    """A command that reads a key of configs names a function that checks what is written there."""
    record = subject.record
    assert isinstance(record, records.Command)
    require(bool(record.config_key) == bool(record.check), f"config_key={record.config_key!r}, check={record.check!r}")
    if record.check:
        require(callable(record.load_check()), f"check={record.check!r} cannot be called")


def _commands(subject: Subject) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The command and its subcommands, each with the words that call it."""
    command = _command(subject)
    yield (subject.record.name,), command
    for name, inner in getattr(command, "commands", {}).items():
        yield (subject.record.name, name), inner


def _command(subject: Subject) -> click.Command:
    try:
        command = subject.record.load_factory()
    except (ImportError, AttributeError) as failure:
        broken(f"factory={subject.record.factory!r}: {failure}")
    require(isinstance(command, click.Command), f"factory={subject.record.factory!r} is no click.Command: {command!r}")
    found: click.Command = command
    return found


CHECKS = (
    it_is_a_command_of_that_name,
    it_has_no_component_options,
    help_is_printed,
    help_shows_an_example,
    every_option_has_help,
    registering_it_imports_nothing_heavy,
    a_config_key_has_its_check,
)
