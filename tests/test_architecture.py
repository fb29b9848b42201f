"""The rooms of the core, what may import what, and what stays light."""

from __future__ import annotations

import ast
import graphlib
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "langgeo_core"
PLUGINS = ROOT / "plugins"

ROOMS = (
    "contract",
    "system",
    "plugins",
    "languages",
    "storage",
    "config",
    "planning",
    "calibration",
    "comparison",
    "evaluation",
    "pipeline",
    "cli",
)
"""The folders of `langgeo_core`, the lowest first: a module imports its own room and those before it."""
LOOSE = ("__init__", "__main__", "api", "hooks")
"""The modules outside the rooms. They import any room; no room imports them."""
MOST_LINES = 11_000
LONGEST_CHAIN = 10
HEAVY = {"torch", "transformers", "sklearn", "plotly", "pandas", "scipy", "numpy", "numba", "matplotlib", "hdbscan"}


@cache
def imports() -> dict[str, frozenset[str]]:
    """The modules of this project that each of its modules imports, in functions and for type checkers too.

    `from package import name` counts as the module `package.name` where there is one, else as `package`.
    """
    files = {
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file
        for root, folder in ((ROOT, CORE), (PLUGINS, PLUGINS))
        for file in folder.rglob("*.py")
    }
    return {name: frozenset(_imported(file, files)) - {name} for name, file in files.items()}


def _imported(file: Path, known: Iterable[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("langgeo_"))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} has a relative import"
            assert node.module is not None
            if node.module.startswith("langgeo_"):
                inner = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
                yield from (inner[name] if inner[name] in known else node.module for name in inner)


def core_imports() -> Iterator[tuple[str, str]]:
    """(module, imported) within the core."""
    for module, found in imports().items():
        if top(module) == "langgeo_core":
            yield from ((module, imported) for imported in found if top(imported) == "langgeo_core")


def top(module: str) -> str:
    return module.partition(".")[0]


def room(module: str) -> str:
    """The room of a module of the core; for a loose one its own name."""
    return [*module.split("."), "__init__"][1]


def plugin_names() -> list[str]:
    return sorted(file.parent.name for file in PLUGINS.glob("*/__init__.py"))


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_core_has_its_rooms_and_nothing_loose() -> None:
    folders = {path.name for path in CORE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    files = {path.name for path in CORE.iterdir() if path.is_file()}
    assert folders == set(ROOMS)
    typing = {"__init__.pyi", "py.typed"}  # what plugins offer Python users, for type checkers
    assert files == {f"{name}.py" for name in LOOSE} | typing
    assert [name for name in ROOMS if not (CORE / name / "__init__.py").is_file()] == []


def test_the_core_is_small() -> None:
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in CORE.rglob("*.py"))
    assert lines <= MOST_LINES


def test_imports_go_down_the_rooms() -> None:
    allowed = {name: set(ROOMS[: place + 1]) for place, name in enumerate(ROOMS)}
    upwards = {
        (module, imported)
        for module, imported in core_imports()
        if room(module) in allowed and room(imported) not in allowed[room(module)]
    }
    assert upwards == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    order = list(graphlib.TopologicalSorter(imports()).static_order())
    assert len(order) == len(imports()) > 200


def test_the_longest_chain_of_rooms_is_short() -> None:
    below: dict[str, set[str]] = {name: set() for name in ROOMS}
    for module, imported in core_imports():
        if room(module) in below and room(imported) in below:
            below[room(module)].add(room(imported))
    longest: dict[str, tuple[str, ...]] = {}
    for name in ROOMS:
        chains = (longest[other] for other in below[name] - {name})
        longest[name] = (*max(chains, key=len, default=()), name)
    chain = max(longest.values(), key=len)
    assert 1 < len(chain) <= LONGEST_CHAIN, " < ".join(chain)


def test_the_core_imports_no_plugin() -> None:
    found = {(module, other) for module in imports() if top(module) == "langgeo_core" for other in imports()[module]}
    assert [(module, other) for module, other in found if top(other) != "langgeo_core"] == []


def test_plugins_import_the_api_and_the_hooks_of_the_core_alone() -> None:
    """`langgeo_core` itself is what plugins offer Python users, such as `langgeo_core.evaluate`."""
    found = {module: others for module, others in imports().items() if top(module) != "langgeo_core"}
    assert {*map(top, found)} == set(plugin_names())
    offered = {"langgeo_core", "langgeo_core.api", "langgeo_core.hooks"}
    inner = {
        module: {one for one in others if top(one) == "langgeo_core"} - offered for module, others in found.items()
    }
    assert {module: others for module, others in inner.items() if others} == {}


def test_plugins_import_the_api_of_the_plugins_that_they_declare_to_depend_on() -> None:
    foreign = {
        plugin: {
            other
            for module, others in imports().items()
            if top(module) == plugin
            for other in others
            if top(other) not in (plugin, "langgeo_core")
        }
        for plugin in plugin_names()
    }
    declared = project()["tool"]["langgeo"]["depends"]
    assert {plugin: sorted(map(top, others)) for plugin, others in foreign.items() if others} == declared
    assert {other for others in foreign.values() for other in others} == {
        f"{other}.api" for others in declared.values() for other in others
    }
    order = list(
        graphlib.TopologicalSorter({plugin: set(others) for plugin, others in declared.items()}).static_order()
    )
    assert set(order) <= set(plugin_names())


def test_plugins_import_nothing_private() -> None:
    for file in PLUGINS.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("langgeo_"):
                names = [*node.module.split("."), *(alias.name for alias in node.names)]
                assert [name for name in names if name.startswith("_")] == [], f"{file}:{node.lineno}"


def registering() -> list[str]:
    """The plugins that register something; the others are libraries."""
    return [name for name in plugin_names() if "hookimpl" in (PLUGINS / name / "__init__.py").read_text("utf-8")]


def test_what_registers_a_plugin_imports_the_hooks_alone() -> None:
    assert len(registering()) > 20
    for plugin in registering():
        tree = ast.parse((PLUGINS / plugin / "__init__.py").read_text(encoding="utf-8"))
        found = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} | {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        assert {name for name in found if top(name) not in sys.stdlib_module_names} == {"langgeo_core.hooks"}, plugin


def test_every_plugin_is_in_the_wheel_and_an_entry_point_if_it_registers_something() -> None:
    assert project()["project"]["entry-points"]["langgeo"] == {plugin: plugin for plugin in registering()}
    packages = project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(packages) == ["langgeo_core", *(f"plugins/{plugin}" for plugin in plugin_names())]


@pytest.mark.parametrize("plugin", plugin_names())
def test_every_plugin_has_a_readme_that_names_its_components(plugin: str) -> None:
    from langgeo_core.api import installed
    from langgeo_core.contract.records import KINDS

    text = (PLUGINS / plugin / "README.md").read_text(encoding="utf-8")
    entries = [entry for kind in KINDS for entry in installed().all(kind) if entry.origin.plugin == plugin]
    assert bool(entries) == (plugin in registering())
    assert [entry.component.name for entry in entries if entry.component.name not in text] == []


def test_the_api_offers_what_it_imports_under_its_own_name() -> None:
    tree = ast.parse((CORE / "api.py").read_text(encoding="utf-8"))
    imported = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert len(imported) > 100
    assert [alias.name for alias in imported if alias.asname != alias.name] == []


LOOKING = """
import json, sys
from langgeo_core.cli import _exit_code
for words in json.loads(sys.argv[1]):
    assert _exit_code(words) == 0, words
    print("\\nloaded", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(*commands: list[str]) -> list[set[str]]:
    """The packages that a process has loaded after each of these commands, one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", LOOKING, json.dumps(commands)], capture_output=True, text=True, check=True
    )
    found = [set(line.split()[1:]) for line in done.stdout.splitlines() if line.startswith("loaded ")]
    assert len(found) == len(commands)
    return found


def test_help_and_listings_import_nothing_heavy() -> None:
    for loaded in loaded_by(["--version"], ["--help"], ["run", "--help"], ["list"]):
        assert "langgeo_core" in loaded
        assert loaded & (HEAVY | {"hashlib", "logging"}) == set()


def test_planning_loads_no_network(tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does `langgeo validate`, whose tests say so; a tokenizer takes transformers."""
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path))
    (planned,) = loaded_by(["plan", str(tiny_config)])
    assert planned & {"transformers", "sklearn", "plotly"} == set()
