"""What every component promises, and what a command promises."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click
from click.testing import CliRunner
from pydantic import BaseModel, ValidationError

from langgeo_core.api import protocols
from langgeo_core.hooks import records
from langgeo_testing.check import Subject, broken, require, skip

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_SUMMARY = 120
HEAVY = ("torch", "transformers", "numpy", "scipy", "sklearn", "pandas", "matplotlib", "plotly", "numba", "hdbscan")


class RecordContract(Subject):
    """What the record of every component promises. Every public method of a contract is a check."""

    def name_can_be_written_in_a_config(self) -> None:
        """A name is lower-case letters and digits, its words joined by dashes."""
        require(NAME.fullmatch(self.record.name) is not None, f"the name is {self.record.name!r}")

    def summary_is_one_sentence(self) -> None:
        """The summary is one line of at most 120 characters that ends with a full stop."""
        summary = self.record.summary
        require(summary == summary.strip() and summary.endswith("."), f"the summary is {summary!r}")
        require(len(summary.splitlines()) == 1, f"the summary has {len(summary.splitlines())} lines: {summary!r}")
        require(len(summary) <= LONGEST_SUMMARY, f"the summary has {len(summary)} characters: {summary!r}")

    def factory_loads(self) -> None:
        """The factory can be imported and called."""
        try:
            factory = self.record.load("factory")
        except (ImportError, AttributeError) as failure:
            broken(f"factory={self.record.factory!r}: {failure}")
        require(callable(factory), f"factory={self.record.factory!r} is {factory!r}")

    def options_are_described(self) -> None:
        """The options are a pydantic model in which every field has a description, for `langgeo show`."""
        model = self._options_class()
        bare = [name for name, field in model.model_fields.items() if not (field.description or "").strip()]
        require(not bare, f"{model.__name__} does not describe {', '.join(bare)}: write Field(…, description=…)")

    def unknown_options_are_refused(self) -> None:
        """The options forbid keys that they do not know, as subclasses of `langgeo_core.api.Options` do."""
        model = self._options_class()
        try:
            model(**{"no-such-option": 1})
        except ValidationError as failure:
            refused = any(error["type"] == "extra_forbidden" for error in failure.errors())
        else:
            refused = False
        require(refused, f"{model.__name__} takes the unknown key 'no-such-option'")

    def _options_class(self) -> type[BaseModel]:
        try:
            model = self.record.load("options")
        except (ImportError, AttributeError) as failure:
            broken(f"options={self.record.options!r}: {failure}")
        if model is None:
            skip("it has no options")
        require(isinstance(model, type) and issubclass(model, BaseModel), f"{model!r} is not a pydantic model")
        found: type[BaseModel] = model
        return found


class Contract(RecordContract):
    """What every component promises that is built from options: all kinds but commands."""

    def options_survive_a_config(self) -> None:
        """Options that a run writes into its config.yaml are the same when they are read again."""
        if self.options is None:
            skip("it has no options, or an instance was given")
        written = self.options.model_dump(mode="json", by_alias=True)
        again = type(self.options).model_validate(written)
        require(again == self.options, f"{self.options!r} becomes {again!r}")

    def component_can_be_built(self) -> None:
        """The factory builds the component from its options, or without arguments where it has none."""
        self.build()

    def component_has_what_its_kind_asks_for(self) -> None:
        """The component has every attribute and method of its protocol in `langgeo_core.api.protocols`."""
        per_weight = isinstance(self.record, records.Scorer) and self.record.per_weight
        protocol = protocols.PerWeightScorer if per_weight else getattr(protocols, type(self.record).__name__)
        built = self.build()
        missing = [name for name in _members(protocol) if not hasattr(built, name)]
        require(not missing, f"{type(built).__name__} has no {', '.join(missing)}")
        methods = [name for name in _members(protocol) if name not in protocol.__annotations__]
        plain = [name for name in methods if not callable(getattr(built, name))]
        require(not plain, f"{', '.join(plain)} of {type(built).__name__} cannot be called")


def _members(protocol: Any) -> list[str]:
    found = (*getattr(protocol, "__annotations__", {}), *vars(protocol))
    return list(dict.fromkeys(name for name in found if not name.startswith("_")))


class Commands(RecordContract):
    """What a command of `langgeo` promises."""

    def it_is_a_command_of_that_name(self) -> None:
        """The factory is a `click.Command` with the name of the record."""
        command = self._command()
        require(command.name == self.record.name, f"{self.record.factory} is the command {command.name!r}")

    def it_has_no_component_options(self) -> None:
        """A record of a command has no options: the command declares its own to click."""
        require(not self.record.options, f"options={self.record.options!r}")

    def help_is_printed(self) -> None:
        """`--help` works for the command and each of its subcommands, and prints what it is for."""
        for words, command in self._commands():
            printed = CliRunner().invoke(command, ["--help"])
            require(printed.exit_code == 0, f"{' '.join(words)} --help ends with {printed.exit_code}: {printed.output}")
            require(bool((command.help or "").strip()), f"{' '.join(words)} has no help")

    def help_shows_an_example(self) -> None:
        """The help shows an example of how the command is called."""
        for words, command in self._commands():
            _, found, example = (command.help or "").partition("Example")
            call = f"langgeo {' '.join(words)}"
            require(bool(found) and call in example, f"the help has no line such as `Example: {call} …`")

    def every_option_has_help(self) -> None:
        """Every option says what it is for."""
        for words, command in self._commands():
            bare = [
                option.opts[-1] for option in command.params if isinstance(option, click.Option) and not option.help
            ]
            require(not bare, f"{' '.join(words)}: no help for {', '.join(bare)}")

    def registering_it_imports_nothing_heavy(self) -> None:
        """Importing the package that registers the command imports no large library: `langgeo --help` imports it."""
        package = self.record.factory.partition(":")[0].partition(".")[0]
        code = f"import sys, {package}; print(*(set({HEAVY!r}) & set(sys.modules)))"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
        )
        require(done.returncode == 0, f"import {package} fails: {done.stderr.strip()}")
        require(not done.stdout.strip(), f"import {package} imports {', '.join(sorted(done.stdout.split()))}")

    def a_config_key_has_its_check(self) -> None:
        """A command that reads a key of configs names a function that checks what is written there."""
        record = self.record
        if not isinstance(record, records.Command) or not (record.config_key or record.check):
            skip("it reads no key of a config")
        require(bool(record.config_key and record.check), f"config_key={record.config_key!r}, check={record.check!r}")
        require(callable(record.load("check")), f"check={record.check!r} cannot be called")

    def what_reads_matrices_can_be_called(self) -> None:
        """A record with `matrix` names a function."""
        record = self.record
        if not isinstance(record, records.Command) or not record.matrix:
            skip("it reads no files of distances")
        require(callable(record.load("matrix")), f"matrix={record.matrix!r} cannot be called")

    def what_shows_runs_can_be_called(self) -> None:
        """A record with `show` names a function."""
        record = self.record
        if not isinstance(record, records.Command) or not record.show:
            skip("it shows no finished run")
        require(callable(record.load("show")), f"show={record.show!r} cannot be called")

    def _commands(self) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        """The command and its subcommands, each with the words that call it."""
        command = self._command()
        yield (self.record.name,), command
        for name, inner in getattr(command, "commands", {}).items():
            yield (self.record.name, name), inner

    def _command(self) -> click.Command:
        try:
            command = self.record.load("factory")
        except (ImportError, AttributeError) as failure:
            broken(f"factory={self.record.factory!r}: {failure}")
        require(isinstance(command, click.Command), f"{self.record.factory!r} is not a click.Command: {command!r}")
        found: click.Command = command
        return found
