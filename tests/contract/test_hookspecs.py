"""Every hook is documented with a plugin that runs, and works."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

from langgeo_core.api import Registry
from langgeo_core.contract import hookspecs
from langgeo_core.contract.records import KINDS
from langgeo_core.plugins.discovery import Plugin

DOCUMENTED = Path(__file__).parents[2] / "docs" / "reference" / "hooks.md"


HOOKS = [name for name in vars(hookspecs) if name.startswith("langgeo_")]


def example(hook: str) -> ModuleType:
    """The code block of a hook's docstring as a module."""
    text = inspect.getdoc(getattr(hookspecs, hook))
    assert text is not None
    _, marker, block = text.partition("\nExample::\n")
    assert marker, f"{hook} shows no code"
    module = ModuleType("my_plugin")
    exec(compile(textwrap.dedent(block), hook, "exec"), module.__dict__)
    return module


def test_every_kind_has_its_hook_and_every_hook_its_kind() -> None:
    assert [f"langgeo_{kind}" for kind in KINDS] == HOOKS


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_the_docstring_registers(kind: str) -> None:
    hook = f"langgeo_{kind}"
    module = example(hook)
    registry = Registry([Plugin("mine", "my-plugin", "0.1", "my_plugin", 0.0, module)])
    assert [plugin.error for plugin in registry.plugins] == [""]
    (entry,) = registry.all(kind)
    assert type(entry.component) is KINDS[kind]
    assert entry.component.name.startswith("my-")
    assert entry.component.summary.endswith(".")
    assert entry.component.factory.partition(":")[0].partition(".")[0] == "my_plugin"
    assert [other for other in KINDS if registry.all(other)] == [kind]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "commands"])
def test_the_docstring_names_the_protocol_and_all_that_it_asks_for(kind: str) -> None:
    from langgeo_core.contract import protocols

    text = inspect.getdoc(getattr(hookspecs, f"langgeo_{kind}")) or ""
    name = KINDS[kind].__name__
    assert f"`protocols.{name}`" in text
    protocol = getattr(protocols, name)
    members = [member for member in (*vars(protocol), *protocol.__annotations__) if not member.startswith("_")]
    assert members
    assert [member for member in members if f"`{member}" not in text] == []


def test_the_contract_of_a_command_is_click_s() -> None:
    assert "`click.Command`" in (inspect.getdoc(hookspecs.langgeo_commands) or "")


def signatures() -> dict[str, str]:
    """Each hook as its source writes it: `langgeo_models() -> Iterable[records.Model]`."""
    tree = ast.parse(Path(hookspecs.__file__).read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        node.name: f"{node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}"
        for node in functions
        if node.returns is not None
    }


@pytest.mark.parametrize("hook", HOOKS)
def test_the_documentation_has_the_exact_signature(hook: str) -> None:
    text = DOCUMENTED.read_text(encoding="utf-8")
    assert f"`{signatures()[hook]}`" in text
    assert f"## {hook}\n" in text


def test_the_documentation_has_no_hook_that_does_not_exist() -> None:
    headings = [line for line in DOCUMENTED.read_text(encoding="utf-8").splitlines() if line.startswith("## langgeo_")]
    assert [heading.removeprefix("## ") for heading in headings] == HOOKS


def test_a_hook_takes_no_argument() -> None:
    assert [name for name in HOOKS if inspect.signature(getattr(hookspecs, name)).parameters] == []
