"""Renders the templates into a folder."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from langgeo_core.contract.errors import UserError
from langgeo_core.system.files import storage_errors, write_text
from langgeo_new_plugin.kits import KITS
from langgeo_new_plugin.names import Names

TEMPLATES = Path(__file__).with_name("templates")


def write_plugin(names: Names, folder: Path) -> list[Path]:
    """Write the package into a new folder and return its files.

    Raises
    ------
    UserError
        If something of that name exists.
    StorageError
        If the folder cannot be written.
    """
    if folder.exists() or folder.is_symlink():
        raise UserError(f"{folder} already exists", "choose another --out, or move it away")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )
    values = _values(names)
    written = []
    for template, target in _files(names):
        text = environment.get_template(template).render(values)
        with storage_errors(folder / target):
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
        write_text(folder / target, text)
        written.append(folder / target)
    return written


def _files(names: Names) -> Iterator[tuple[str, str]]:
    """Each template with the file that it becomes."""
    yield "common/pyproject.toml.j2", "pyproject.toml"
    yield "common/README.md.j2", "README.md"
    yield "common/gitignore.j2", ".gitignore"
    yield "common/init.py.j2", f"{names.package}/__init__.py"
    yield f"{names.kind}/options.py.j2", f"{names.package}/options.py"
    yield f"{names.kind}/work.py.j2", f"{names.package}/{names.singular}.py"
    yield "common/contract.py.j2", "tests/test_contract.py"
    yield f"{names.kind}/example.py.j2", f"tests/test_{names.singular}.py"
    for file in sorted((TEMPLATES / names.kind).glob("texts/*.txt")):
        yield f"{names.kind}/texts/{file.name}", f"{names.package}/texts/{file.name}"


def _values(names: Names) -> dict[str, Any]:
    kit = KITS[names.kind]
    return {
        "kind": names.kind,
        "name": names.name,
        "singular": names.singular,
        "record": names.record,
        "distribution": names.distribution,
        "package": names.package,
        "factory": names.factory,
        "options": names.options,
        "summary": kit.summary,
        "try_it": kit.try_it.format(name=names.name),
        "extra": kit.extra,
        "needs": kit.needs,
        "setup": kit.setup,
        "langgeo": version("langgeo"),
    }
