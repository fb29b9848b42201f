"""The core knows no plugin: none of the names that the bundled plugins bring stands in its code or its strings.

Collected are the names of components, options, metrics, extra columns of metrics and files of every bundled plugin. A
name of several words (`char-ngrams`, `split_half`) is looked for anywhere in a string of the core; a name that is a
common word (`none`, `random`) only as a whole string. The core's own vocabulary is left out: what its config schema,
its tables, its stages and its kinds declare themselves.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tiny_run import Finished

from langgeo_core.api import Run, installed
from langgeo_core.contract.records import KINDS

ROOT = Path(__file__).parents[1]
CORE = ROOT / "langgeo_core"


def bundled() -> Iterator[tuple[str, str]]:
    """(what it is, name) of everything that the bundled plugins bring."""
    for kind, record in KINDS.items():
        for entry in installed().all(kind):
            if entry.origin.distribution != "langgeo":
                continue
            component = entry.component
            yield record.singular(), component.name
            options = component.load("options")
            for name, field in options.model_fields.items() if options else ():
                yield f"option of {component.name}", field.alias or name
            for column in getattr(component, "columns", ()):
                yield f"column of {component.name}", column
            for metric in getattr(component, "headline", ()):
                yield f"metric of {component.name}", metric
            if opens := getattr(component, "opens", ""):
                yield f"file of {component.name}", opens


WORDS = {"none", "json", "nearest", "count", "files", "text", "names", "language", "levels", "kinds", "column", "map"}
"""Plain words that the core's messages and JSON use in their own sense, and that happen to name something bundled."""


def own_words() -> set[str]:
    """What the core declares itself: the identifiers of its contract and config schema, and the choices these allow."""
    declared: set[str] = set()
    for file in (*(CORE / "contract").rglob("*.py"), CORE / "config" / "schema.py", *(CORE / "storage").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                declared.add(node.target.id)
                declared |= {one.value for one in ast.walk(node.annotation) if isinstance(one, ast.Constant)}
            elif isinstance(node, ast.FunctionDef):
                declared |= {node.name, *(argument.arg for argument in node.args.args)}
    return declared | WORDS | set(KINDS) | {record.singular() for record in KINDS.values()}


def strings(file: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of the string constants of a file, docstrings left out."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented | loose:
            yield node.lineno, node.value


@cache
def pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")


def mentions(names: dict[str, str], text: str) -> Iterator[str]:
    for name, what in names.items():
        if what == "command":
            if f"langgeo {name}" in text:
                yield name
            continue
        several = re.search(r"[-_.:0-9]", name) is not None
        if text == name or (several and pattern(name).search(text)):
            yield name


def found_in(folder: Path, names: dict[str, str]) -> list[str]:
    """Every mention of a name in the strings of a folder's modules."""
    return [
        f"{file.relative_to(folder)}:{line}: {name} ({names[name]})"
        for file in sorted(folder.rglob("*.py"))
        for line, text in strings(file)
        for name in mentions(names, text)
    ]


POKED = re.compile(r"getattr\((\w+\.)*options, \"\w+\"")
"""Reading an option of a component, which only its own plugin may know."""


def test_the_core_reads_no_option_of_a_component() -> None:
    code = {file: file.read_text(encoding="utf-8") for file in CORE.rglob("*.py")}
    found = [f"{file.relative_to(CORE)}: {hit[0]}" for file, text in code.items() for hit in POKED.finditer(text)]
    assert found == []


def of_run(run: Finished) -> Iterator[tuple[str, str]]:
    """The metrics of the evaluators and the files of the exporters of a run."""
    finished = Run(run.folder)
    evaluators = set(installed().names("evaluators"))
    yield from (("metric", metric.metric) for metric in finished.metrics if metric.evaluator in evaluators)
    yield from (("file", Path(file).name) for files in finished.record["exported"].values() for file in files)


def names_to_look_for(*more: tuple[str, str]) -> dict[str, str]:
    own = own_words()
    return {name: what for what, name in (*bundled(), *more) if name not in own}


def test_the_core_knows_no_bundled_name(own_run: Finished) -> None:
    names = names_to_look_for(*of_run(own_run))
    assert len(names) > 150
    assert found_in(CORE, names) == []


def test_a_name_in_the_core_is_found(tmp_path: Path) -> None:
    names = names_to_look_for()
    (tmp_path / "room.py").write_text('"""sparsegpt"""\nHINT = "choose a separable scorer, such as char-ngrams"\n')
    (tmp_path / "other.py").write_text('if chosen.name == "sparsegpt":\n    pass\n')
    assert [line.partition(" (")[0] for line in found_in(tmp_path, names)] == [
        "other.py:1: sparsegpt",
        "room.py:2: char-ngrams",
    ]
