"""Discovery: a broken plugin is reported with what is wrong, and the others work."""

from __future__ import annotations

import json
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
from tiny_run import Finished, Langgeo

from langgeo_core.contract.records import KINDS
from langgeo_core.plugins import discovery as plugins
from langgeo_core.plugins.discovery import Plugin, discover, warn_of_failures
from langgeo_core.plugins.registry import Registry, installed

SOURCES = {
    "fine_plugin": """
from langgeo_core.hooks import hookimpl, records

@hookimpl
def langgeo_scorers():
    yield records.Scorer("fine", "A scorer.", "fine_plugin:Fine")
""",
    "failing_plugin": "import a_library_that_nobody_has",
    "leaving_plugin": "raise SystemExit(3)",
    "raising_plugin": "1 / 0",
    "unparsable_plugin": "def (",
    "misspelt_plugin": """
from langgeo_core.hooks import hookimpl, records

@hookimpl
def langgeo_scorer():
    yield records.Scorer("misspelt", "A scorer.", "misspelt_plugin:Fine")
""",
    "arguing_plugin": """
from langgeo_core.hooks import hookimpl

@hookimpl
def langgeo_scorers(config):
    return []
""",
    "mistaken_plugin": """
from langgeo_core.hooks import hookimpl, records

@hookimpl
def langgeo_scorers():
    yield records.Scorer("first", "A scorer.", "mistaken_plugin:Fine")
    yield records.Distance("second", "No scorer.", "mistaken_plugin:Fine")
""",
    "late_plugin": """
from langgeo_core.hooks import hookimpl

@hookimpl
def langgeo_scorers():
    raise RuntimeError("too late")
    yield
""",
}


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, source in SOURCES.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))


def found(*names: str) -> tuple[Plugin, ...]:
    return discover(EntryPoint(name, name, "langgeo") for name in names)


def registered(*names: str) -> Registry:
    return Registry(found(*names))


def test_a_plugin_that_loads() -> None:
    (plugin,) = found("fine_plugin")
    assert (plugin.name, plugin.reference, plugin.error, plugin.trace) == ("fine_plugin", "fine_plugin", "", "")
    assert plugin.module is sys.modules["fine_plugin"]
    assert plugin.seconds > 0


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("failing_plugin", "ModuleNotFoundError: No module named 'a_library_that_nobody_has'"),
        ("leaving_plugin", "SystemExit: 3"),
        ("raising_plugin", "ZeroDivisionError: division by zero"),
        ("unparsable_plugin", "SyntaxError: "),
        ("absent_plugin", "ModuleNotFoundError: No module named 'absent_plugin'"),
    ],
)
def test_a_plugin_that_fails_to_import_leaves_the_others_alone(name: str, error: str) -> None:
    broken, fine = sorted(found(name, "fine_plugin"), key=lambda plugin: plugin.name == "fine_plugin")
    assert broken.module is None
    assert broken.error.startswith(error)
    assert "Traceback" in broken.trace
    assert name in broken.trace
    assert registered(name, "fine_plugin").names("scorers") == ["fine"]
    assert fine.error == ""


def test_a_misspelt_hook_is_named_beside_the_right_one() -> None:
    (plugin,) = registered("misspelt_plugin").plugins
    assert plugin.module is None
    assert plugin.error.startswith("there is no hook langgeo_scorer; did you mean 'langgeo_scorers'? hooks: ")


def test_a_hook_like_no_other_gets_the_list(tmp_path: Path) -> None:
    source = SOURCES["misspelt_plugin"].replace("langgeo_scorer()", "my_own_hook()")
    (tmp_path / "odd_plugin.py").write_text(source, encoding="utf-8")
    (plugin,) = registered("odd_plugin").plugins
    hooks = sorted(f"langgeo_{kind}" for kind in KINDS)
    assert plugin.error == f"there is no hook my_own_hook; hooks: {', '.join(hooks)}"


def test_a_hook_with_an_argument_that_it_does_not_get_is_refused() -> None:
    registry = registered("arguing_plugin", "fine_plugin")
    (plugin,) = [plugin for plugin in registry.plugins if plugin.name == "arguing_plugin"]
    assert plugin.module is None
    assert "langgeo_scorers" in plugin.error
    assert "config" in plugin.error
    assert registry.names("scorers") == ["fine"]


def test_a_record_of_the_wrong_class_leaves_the_whole_plugin_out() -> None:
    registry = registered("mistaken_plugin", "fine_plugin")
    (plugin,) = [plugin for plugin in registry.plugins if plugin.name == "mistaken_plugin"]
    assert "langgeo_scorers must yield Scorer records, got Distance(name='second'" in plugin.error
    assert registry.names("scorers") == ["fine"]
    assert registry.names("distances") == []


def test_a_hook_that_raises_leaves_its_plugin_out() -> None:
    registry = registered("late_plugin", "fine_plugin")
    assert [plugin.error for plugin in registry.plugins] == ["", "RuntimeError: too late"]
    assert registry.names("scorers") == ["fine"]


def test_one_line_of_warning_for_each_that_failed(capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_failures(registered("fine_plugin", "failing_plugin", "misspelt_plugin", "mistaken_plugin").plugins)
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert [line.split()[2] for line in lines] == ["failing_plugin", "misspelt_plugin", "mistaken_plugin"]
    assert all(line.startswith("warning: plugin ") for line in lines)
    assert all(line.endswith("update or uninstall it") for line in lines)


def test_the_order_does_not_depend_on_that_of_the_entry_points() -> None:
    names = ["fine_plugin", "failing_plugin", "raising_plugin"]
    assert [plugin.name for plugin in found(*names)] == [plugin.name for plugin in found(*reversed(names))]


def test_an_entry_point_that_is_listed_twice_counts_once() -> None:
    assert len(found("fine_plugin", "fine_plugin")) == 1


def test_what_is_installed_here_loads_and_knows_its_distribution() -> None:
    loaded = discover()
    assert {plugin.name for plugin in loaded} == {point.name for point in entry_points(group="langgeo")}
    assert [plugin.error for plugin in loaded if plugin.distribution == "langgeo" and plugin.error] == []
    assert {plugin.distribution for plugin in loaded if plugin.name.startswith("langgeo_")} == {"langgeo"}


OWN_SCORER = """
from pydantic import Field
from langgeo_core.api import Options
from langgeo_core.hooks import hookimpl, records

class PowerOptions(Options):
    power: float = Field(1.0, gt=0, description="Exponent of the mean squared input.")

class Power:
    def __init__(self, options):
        self.power = options.power

    def feature_scores(self, statistics):
        return (statistics.gram_diagonal + statistics.damping) ** self.power

@hookimpl
def langgeo_scorers():
    yield records.Scorer("power", "Powers of the mean.", "own_scorer:Power", options="own_scorer:PowerOptions")
"""


def test_a_plugin_of_ones_own_takes_part_in_a_run(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_scorer.py").write_text(OWN_SCORER, encoding="utf-8")
    points = [*entry_points(group="langgeo"), EntryPoint("own_scorer", "own_scorer", "langgeo")]
    monkeypatch.setattr(plugins, "entry_points", lambda group: points)
    installed.cache_clear()
    try:
        words = ["exporters=[mst]", "--from", "compare", "--out", own_run.folder]
        before = (own_run.folder / "distances.csv").read_bytes()
        assert langgeo("run", own_run.config, "scorer=power", "scorer.power=2", *words).code == 0
        record = json.loads((own_run.folder / "run.json").read_text(encoding="utf-8"))
        (scorer,) = record["components"]["scorers"]
        assert (scorer["component"], scorer["distribution"], scorer["options"]) == ("power", "unknown", {"power": 2.0})
        assert (own_run.folder / "distances.csv").read_bytes() != before
        assert "known options: power" in langgeo("validate", own_run.config, "scorer=power", "scorer.pwr=2").err
    finally:
        installed.cache_clear()
