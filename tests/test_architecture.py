"""Imports go one way, plugins know the api alone, and what is light stays light."""

from __future__ import annotations

import ast
import graphlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "langgeo_core"
PLUGINS = sorted(folder.name for folder in (ROOT / "plugins").iterdir() if (folder / "__init__.py").is_file())

LAYERS = (
    "cli __main__",
    "ablation",
    "pipeline",
    "stages provenance checks",
    "prediction",
    "calibration compare clustering transforms baselines reliability parts network_distances explain k_sweep "
    "testing new_plugin",
    "plan sources store registry building listing scoring paired network_parts",
    "config catalog plugins",
    "matrices",
    "languages language_hints language_names protocols space runs tables",
    "types signatures components hookspecs aliases files",
    "errors options keys text_parts cache scripts progress threads",
)
"""The modules and packages of the core, the highest first: each imports its own layer and those below."""

FACADES = ("langgeo_core", "langgeo_core.api")
"""What others import; nothing in the core does."""

FUNCTIONS = {
    "baseline_role",
    "build_component",
    "cache_folder",
    "distances_of",
    "draw_halves",
    "find_languages",
    "half_error",
    "half_interval",
    "holm",
    "paired_difference",
    "one_script",
    "read_foreign",
    "summed_in",
}
"""What of the api is no class."""

HEAVY = {"torch", "transformers", "sklearn", "plotly", "pandas", "scipy", "numpy", "numba", "matplotlib", "hdbscan"}


def module_name(file: Path, root: Path) -> str:
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports(file: Path, root: Path, typing: bool = True) -> Iterator[tuple[str, str]]:
    """(module, name) of every import in a file, those in functions too; name is empty for `import module`."""
    for node in _nodes(ast.parse(file.read_text(encoding="utf-8")), typing):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} has a relative import"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                path = root.joinpath(*inner.split("."))
                is_module = path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
                yield (inner, "") if is_module else (node.module, alias.name)


def _nodes(tree: ast.AST, typing: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not typing and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _nodes(node, typing)


@cache
def core_imports() -> dict[str, frozenset[str]]:
    """Which modules of the core each of them imports when it runs."""
    files = {module_name(file, ROOT): file for file in CORE.rglob("*.py")}
    found = {name: {module for module, _ in imports(file, ROOT, typing=False)} for name, file in files.items()}
    return {name: frozenset(modules & files.keys() - {name}) for name, modules in found.items()}


@cache
def layer_of() -> dict[str, int]:
    return {name: depth for depth, names in enumerate(reversed(LAYERS)) for name in names.split()}


def test_every_module_of_the_core_has_a_layer() -> None:
    parts = {module.split(".")[1] for module in core_imports() if module not in FACADES}
    assert parts == set(layer_of())


@pytest.mark.parametrize("module", sorted(module for module in core_imports() if module not in FACADES))
def test_a_module_imports_no_higher_layer(module: str) -> None:
    own = layer_of()[module.split(".")[1]]
    imported = [name for name in core_imports()[module] if name != "langgeo_core"]
    assert [name for name in imported if name in FACADES or layer_of()[name.split(".")[1]] > own] == []


def test_no_two_modules_import_each_other() -> None:
    order = list(graphlib.TopologicalSorter(core_imports()).static_order())
    assert len(order) == len(core_imports()) > 40


def test_the_core_imports_no_plugin() -> None:
    files = list(CORE.rglob("*.py"))
    found = [(file.name, module) for file in files for module, _ in imports(file, ROOT)]
    assert [entry for entry in found if entry[1].split(".")[0] in PLUGINS or entry[1].startswith("plugins")] == []


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_imports_of_the_core_its_api_alone(plugin: str) -> None:
    found = [module for file in plugin_files(plugin) for module, _ in imports(file, ROOT / "plugins")]
    assert {module for module in found if module.split(".")[0] == "langgeo_core"} == {"langgeo_core.api"}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_imports_no_private_name_of_another(plugin: str) -> None:
    found = [entry for file in plugin_files(plugin) for entry in imports(file, ROOT / "plugins")]
    others = [(module, name) for module, name in found if module.startswith("langgeo_")]
    foreign = [(module, name) for module, name in others if module.split(".")[0] not in (plugin, "langgeo_core")]
    assert {module.split(".")[0] for module, _ in foreign} <= set(PLUGINS)
    parts = [part for module, name in (*foreign, *others) for part in (*module.split("."), name)]
    assert [part for part in parts if part.startswith("_")] == []


def plugin_files(plugin: str) -> list[Path]:
    return sorted((ROOT / "plugins" / plugin).rglob("*.py"))


def test_plugins_do_not_depend_on_each_other_in_a_circle() -> None:
    graph = {
        plugin: {module.split(".")[0] for file in plugin_files(plugin) for module, _ in imports(file, ROOT / "plugins")}
        & (set(PLUGINS) - {plugin})
        for plugin in PLUGINS
    }
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("plugin", PLUGINS)
def test_what_registers_a_plugin_imports_nothing_but_the_api(plugin: str) -> None:
    modules = {module.split(".")[0] for module, _ in imports(ROOT / "plugins" / plugin / "__init__.py", ROOT)}
    assert modules - set(sys.stdlib_module_names) == {"langgeo_core"}


def test_the_api_has_what_it_promises_and_type_checkers_see_the_same() -> None:
    from langgeo_core import api

    assert [name for name in api.__all__ if getattr(api, name, None) is None] == []
    seen = {name for _, name in imports(CORE / "api.py", ROOT) if name[:1].isupper() or name in FUNCTIONS}
    assert seen - {"TYPE_CHECKING", "Any"} == set(api.__all__) - {"components", "hookimpl"}
    with pytest.raises(AttributeError, match="has no 'Nonsense'"):
        _ = api.Nonsense


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_plugin_is_an_entry_point_and_in_the_wheel() -> None:
    assert project()["project"]["entry-points"]["langgeo"] == {plugin: plugin for plugin in PLUGINS}
    packages = project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(packages) == ["langgeo_core", *(f"plugins/{plugin}" for plugin in PLUGINS)]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_plugin_has_a_readme_that_names_its_components(plugin: str) -> None:
    from langgeo_core.contract.records import KINDS
    from langgeo_core.plugins.registry import installed

    text = (ROOT / "plugins" / plugin / "README.md").read_text(encoding="utf-8")
    entries = [entry for kind in KINDS for entry in installed().all(kind) if entry.origin.plugin == plugin]
    assert entries
    assert [entry.component.name for entry in entries if entry.component.name not in text] == []


DUMP = """
import sys
from langgeo_core.cli import _exit_code
code = _exit_code(sys.argv[1:])
print("\\nloaded", *sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(code)
"""


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["list"], ["plugins"], ["--version"]], ids=" ".join)
def test_what_only_looks_imports_nothing_heavy(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", DUMP, *words], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.rpartition("\nloaded ")[2].split())
    assert "langgeo_core" in loaded
    assert loaded & HEAVY == set()


def test_validating_and_planning_load_no_network(tiny_config: Path, tmp_path: Path) -> None:
    for command in ("validate", "plan"):
        words = [sys.executable, "-c", DUMP, command, str(tiny_config)]
        environment = {**os.environ, "LANGGEO_CACHE": str(tmp_path)}
        done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
        assert set(done.stdout.rpartition("\nloaded ")[2].split()) & {"transformers", "sklearn", "plotly"} == set()
