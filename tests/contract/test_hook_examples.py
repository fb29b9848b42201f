"""Every plugin that docs/reference/hooks.md shows registers and keeps the promises of its kind."""

from __future__ import annotations

import importlib
import re
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path

import pytest

from langgeo_core.api import Registry, installed
from langgeo_core.contract.records import KINDS, Component
from langgeo_core.plugins.discovery import Plugin
from langgeo_testing import checks

DOCUMENTED = Path(__file__).parents[2] / "docs" / "reference" / "hooks.md"
BLOCK = re.compile(r"```python\n# my_plugin/(?P<file>\w+\.py)\n(?P<source>.*?)```", re.DOTALL)


def examples() -> Iterator[tuple[str, dict[str, str]]]:
    """Each package of the page: its hook, and the files of `my_plugin` that the section shows for it."""
    for section in DOCUMENTED.read_text(encoding="utf-8").split("\n## ")[1:]:
        hook = section.splitlines()[0]
        found = [(block["file"], block["source"]) for block in BLOCK.finditer(section)]
        starts = [place for place, (file, _) in enumerate(found) if file == "__init__.py"]
        for start, end in zip(starts, [*starts[1:], len(found)], strict=True):
            yield hook, dict(found[start:end])


EXAMPLES = list(examples())
HOOKS = [f"langgeo_{kind}" for kind in KINDS]


@pytest.fixture
def registered(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The registry with the one plugin of an example."""
    for file, source in request.param.items():
        target = tmp_path / "my_plugin" / file
        target.parent.mkdir(exist_ok=True)
        target.write_text(source, encoding="utf-8")
    for name in [name for name in sys.modules if name.partition(".")[0] == "my_plugin"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    module = importlib.import_module("my_plugin")
    return Registry([Plugin("my_plugin", "my-plugin", "0.1", "my_plugin", 0.0, module)])


def components_of(registry: Registry) -> list[Component]:
    return [entry.component for kind in KINDS for entry in registry.all(kind)]


def test_every_hook_has_an_example() -> None:
    assert {hook for hook, _ in EXAMPLES} == set(HOOKS)
    assert all(len(files) >= 2 for _, files in EXAMPLES)


@pytest.mark.parametrize(
    ("registered", "hook"),
    [(files, hook) for hook, files in EXAMPLES],
    indirect=["registered"],
    ids=lambda one: str(one)[:20],
)
def test_the_example_registers_and_keeps_its_promises(
    registered: Registry, hook: str, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_MODEL", str(tiny_model))
    assert [plugin.error for plugin in registered.plugins] == [""]
    (component,) = components_of(registered)
    assert hook == f"langgeo_{component.kind}"
    assert component.name not in installed().names(component.kind), "langgeo has this name"
    done = 0
    for check in checks(component):
        try:
            check()
        except unittest.SkipTest:
            continue
        done += 1
    assert done >= 8 or component.missing_packages()
