"""The examples of docstrings are run, and what Python users call has some."""

from __future__ import annotations

import doctest
import importlib
import inspect
import shutil
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from tiny_run import Finished

import langgeo_core as lg

ROOT = Path(__file__).parents[1]
PLACES = {"langgeo_core": ROOT / "langgeo_core", **{one.name: one for one in (ROOT / "plugins").iterdir()}}
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def with_examples() -> list[str]:
    """The modules with an example in a docstring."""
    return [
        ".".join([package, *file.relative_to(folder).with_suffix("").parts])
        for package, folder in sorted(PLACES.items())
        for file in sorted(folder.rglob("*.py"))
        if ">>>" in file.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("name", with_examples())
def test_examples_give_what_they_say(
    name: str, own_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder with a run `runs/mine`, the config of that run as `mine.yaml`, and its distances as `mine.csv`."""
    folder = tmp_path / "here"
    shutil.copytree(own_run.folder, folder / "runs" / "mine")
    shutil.copy(own_run.config, folder / "mine.yaml")
    shutil.copy(own_run.folder / "distances.csv", folder / "mine.csv")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LANGGEO_CACHE", str(own_run.cache))
    found = doctest.testmod(importlib.import_module(name), optionflags=FLAGS, extraglobs={"lg": lg})
    assert found.attempted > 0
    assert found.failed == 0


def test_everything_that_python_users_call_has_an_example() -> None:
    offered = {point.name: point.load() for point in entry_points(group="langgeo.python")}
    without = [name for name, one in offered.items() if ">>>" not in (one.__doc__ or "")]
    space = offered["LanguageSpace"]
    members = inspect.getmembers(space, lambda one: inspect.isfunction(one) or isinstance(one, property))
    called = [(name, one) for name, one in members if name[0] != "_" and name not in space.__dataclass_fields__]
    without += [name for name, one in called if ">>>" not in (one.__doc__ or "")]
    assert without == []
