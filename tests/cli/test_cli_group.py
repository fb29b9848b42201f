"""What all commands share: help, versions, exit codes, and no traceback for the user's own mistakes."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tiny_run import Langgeo

from langgeo_core.api import LanggeoError, NumericalError, StorageError, UserError
from langgeo_core.cli import COMMANDS, cli
from langgeo_core.config.catalog import bundled_catalog
from langgeo_formats.api import find_language


def all_commands() -> list[tuple[str, ...]]:
    """Every command and subcommand by its words."""
    context = click.Context(cli, **cli.context_settings)
    found: list[tuple[str, ...]] = []
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found.extend((name, inner) for inner in command.commands)
    return found


@pytest.mark.parametrize("words", [(), *all_commands()], ids=" ".join)
def test_every_help_shows_an_example(langgeo: Langgeo, words: tuple[str, ...]) -> None:
    shown = langgeo(*words, "--help")
    assert shown.code == 0
    assert "Example" in shown.out
    assert f"langgeo {' '.join(words)}".strip() in shown.out.partition("Example")[2]


def all_examples() -> list[str]:
    """What follows `langgeo` on every line of an example in a help text."""
    context, found = click.Context(cli, **cli.context_settings), []
    for first, *rest in all_commands():
        command = cli.get_command(context, first)
        for word in rest:
            assert isinstance(command, click.Group)
            command = command.get_command(context, word)
        assert command is not None
        examples = (command.help or "").partition("Example")[2]
        found.extend(re.findall(r"langgeo ([^>)\n]+)", examples))
    return found


@pytest.mark.parametrize("example", all_examples())
def test_every_example_in_a_help_can_be_read(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(example)
    for word in words:
        if "/" in word and "=" not in word:
            Path(word).parent.mkdir(parents=True, exist_ok=True)
            Path(word).touch() if Path(word).suffix else Path(word).mkdir(exist_ok=True)
    command: click.Command = cli
    context = click.Context(cli, obj={}, **cli.context_settings)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None
        command = found
    given = command.make_context(example, words, parent=context).params
    if "run" in given and (asked := [given[name] for name in ("language", "first", "second") if name in given]):
        known = {find_language(one).id for one in asked}
        assert len(known) == len(asked)
        assert known <= set(bundled_catalog().language_sets[given["run"].name])


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_every_option_and_command_says_what_it_is_for(words: tuple[str, ...]) -> None:
    command: click.Command | None = cli
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    assert command.help
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_the_help_lists_every_command(langgeo: Langgeo, flag: str) -> None:
    shown = langgeo(flag)
    assert shown.code == 0
    assert [name for name in COMMANDS if f"  {name} " not in shown.out] == []


def test_the_version_is_that_of_the_distribution(langgeo: Langgeo) -> None:
    from importlib.metadata import version

    shown = langgeo("--version")
    assert (shown.code, shown.out.splitlines()[0]) == (0, f"langgeo {version('langgeo')}")


def test_the_version_names_other_distributions_with_plugins(langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch) -> None:
    from langgeo_core.plugins import registry
    from langgeo_core.plugins.discovery import Plugin

    other = Plugin("mine", "langgeo-mine", "3.1", "mine", 0.0, error="broken")
    monkeypatch.setattr(registry, "installed", lambda: registry.Registry([other]))
    assert "plugin langgeo-mine 3.1" in langgeo("--version").out


def test_python_m_langgeo_core_is_langgeo() -> None:
    words = [sys.executable, "-m", "langgeo_core", "list", "scorer"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "sparsegpt" in [line.split()[1] for line in done.stdout.splitlines()]
    assert done.stderr == ""


def test_the_exit_code_reaches_the_shell() -> None:
    done = subprocess.run([sys.executable, "-m", "langgeo_core", "lst"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "there is no command 'lst'\n  did you mean 'list'? commands:" in done.stderr


def test_a_closed_pipe_is_no_failure_with_a_traceback() -> None:
    words = f"{sys.executable} -m langgeo_core show model huggingface --json | true"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr


def failing(monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> None:
    def fail() -> None:
        raise failure

    monkeypatch.setattr("langgeo_core.plugins.registry.installed", fail)


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (UserError("your mistake", "mend it"), 2),
        (LanggeoError("a failure", "mend it"), 1),
        (NumericalError("no number", "mend it"), 1),
        (StorageError("disk full", "mend it"), 1),
    ],
)
def test_a_failure_is_told_in_a_line_and_a_hint(
    langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch, failure: LanggeoError, code: int
) -> None:
    failing(monkeypatch, failure)
    failed = langgeo("list")
    assert (failed.code, failed.out) == (code, "")
    assert failed.err == f"error: {failure.message}\n  mend it\n"


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), click.Abort()])
def test_interrupted(langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> None:
    failing(monkeypatch, failure)
    stopped = langgeo("list")
    assert stopped.code == 130
    assert "start the same command again" in stopped.err


def test_verbose_shows_the_traceback(langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, NumericalError("no number"))
    failed = langgeo("-v", "list")
    assert failed.code == NumericalError.exit_code
    assert "Traceback" in failed.err
    assert failed.err.endswith("error: no number\n")


@pytest.mark.parametrize("failure", [ZeroDivisionError("by zero"), SystemExit(0)])
def test_a_fault_of_the_program_is_not_hidden(
    langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    def fail() -> None:
        raise failure

    monkeypatch.setattr("langgeo_core.config.catalog.bundled_catalog", fail)
    failed = langgeo("list")
    assert (failed.code, failed.out) == (1, "")
    said = f"error: {type(failure).__name__}: {failure}\n  this is a bug in langgeo; please report it"
    assert failed.err.startswith(said)
    assert "Traceback" in langgeo("-v", "list").err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nonsense"], "there is no command 'nonsense'"),
        (["run"], "Missing argument 'CONFIG'"),
        (["run", "starter-smal"], "did you mean 'starter-small'?"),
        (["run", "x", "--from", "compar"], "'compar' is not one of 'calibrate', 'compare'"),
        (["--threads", "0", "list"], "0 is not in the range"),
        (["--registry", "absent.yaml", "list"], "'absent.yaml' does not exist"),
        (["list", "skorer"], "did you mean 'scorers'?"),
        (["list", "--jsn"], "--json"),
        (["show", "scorer"], "Missing argument 'NAME'"),
        (["report", "absent"], "'absent' does not exist"),
        (["cache", "prune", "everything"], "the cache has no part 'everything'"),
        (["validate", "."], "'.' is neither a config file nor the name of a bundled config"),
    ],
    ids=" ".join,
)
def test_a_slip_of_the_user_ends_with_two_and_a_message(
    langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = langgeo(*words)
    assert (refused.code, refused.out) == (2, "")
    assert says in refused.err
    assert "Traceback" not in refused.err


def test_threads_are_set_for_every_library(langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(variable, "7")
    assert langgeo("--threads", "1", "list").code == 0
    assert os.environ["OMP_NUM_THREADS"] == os.environ["NUMBA_NUM_THREADS"] == "1"
