"""The package of a new component: its names, its texts, and the templates that become its files."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from langgeo_core.api import Registry, UserError, storage_errors, suggestion, write_text
from langgeo_core.hooks import records

TEMPLATES = Path(__file__).with_name("templates")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
KINDS = {record.singular(): kind for kind, record in records.KINDS.items()} | {kind: kind for kind in records.KINDS}
"""The plural of each kind, by its singular and by its plural."""


@dataclass(frozen=True)
class Kit:
    """What the package of one kind says of itself.

    Parameters
    ----------
    summary : the record's one line, true of what the template does
    try_it : what to type after `langgeo` to try it; `{name}` is the component's name
    extra : further fields of the record
    needs : further arguments of the contract checks
    setup : what the contract's test sets up before the checks
    """

    summary: str
    try_it: str
    extra: str = ""
    needs: str = ""
    setup: str = ""


KITS = {
    "models": Kit(
        "A model in a folder that save_pretrained wrote.",
        "run starter-small 'models=[{{name: {name}, path: FOLDER}}]'",
        extra='licence="see the folder",',
        needs=", options=tiny_model",
        setup="tiny_model",
    ),
    "corpora": Kit(
        "The texts in the folder texts of this package.",
        "run starter-small corpora={name} languages=all calibration.tokens=64 calibration.window=32",
        extra='licence="CC0-1.0",',
    ),
    "scorers": Kit(
        "w_ij² · (Σ x_j² / tokens + λ)^power.",
        "run starter-small scorer={name}",
        extra='statistics=("gram_diagonal",),',
    ),
    "quantizers": Kit(
        "One bit a weight: whether its score exceeds the language's mean score.", "run starter-small quantizer={name}"
    ),
    "distances": Kit("Dice: differing weights over the sizes of both kept sets.", "run starter-small distance={name}"),
    "aggregators": Kit(
        "Power mean over the models and corpora that have a pair.", "run starter-small aggregator={name}"
    ),
    "transforms": Kit("The distances to a power.", "run starter-small transforms={name}", extra="pairwise=True,"),
    "embedders": Kit("Principal axes of the languages' rows of distances.", "run starter-small embedder={name}"),
    "clusterers": Kit("Languages joined by their nearest neighbours.", "run starter-small clusterers={name}"),
    "evaluators": Kit(
        "Whether the nearest language has the same script, against shuffled scripts.",
        "run starter-small 'evaluators=[glottolog,{name}]'",
    ),
    "baselines": Kit("How unlike the mean length of words is.", "run starter-small 'baselines=[char-ngrams,{name}]'"),
    "exporters": Kit("The nearest neighbours of each language as a table.", "run starter-small exporters={name}"),
    "executors": Kit("Processes of this machine.", "run starter-small executor={name}"),
    "commands": Kit("Print the pairs of languages that are farthest apart in a run.", "{name} runs/starter-small"),
    "readers": Kit("Two languages and their distance on each line.", "evaluate FILE --format {name}"),
}


@dataclass(frozen=True)
class Names:
    """Every name that follows from a kind, such as `scorers`, and a component's name, such as `my-idea`."""

    kind: str
    name: str

    @property
    def singular(self) -> str:
        """`scorer`, which is also the name of the module with the work."""
        return records.KINDS[self.kind].singular()

    @property
    def record(self) -> str:
        """`Scorer`."""
        return records.KINDS[self.kind].__name__

    @property
    def distribution(self) -> str:
        """`langgeo-my-idea`."""
        return f"langgeo-{self.name}"

    @property
    def package(self) -> str:
        """`langgeo_my_idea`."""
        return self.distribution.replace("-", "_")

    @property
    def factory(self) -> str:
        """`MyIdeaScorer`; `command` for a command, which is no class."""
        return "command" if self.kind == "commands" else f"{self._camel}{self.record}"

    @property
    def options(self) -> str:
        """`MyIdeaOptions`."""
        return f"{self._camel}Options"

    @property
    def has_options(self) -> bool:
        """Whether the template has options."""
        return (TEMPLATES / self.kind / "options.py.j2").is_file()

    @property
    def _camel(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("-"))


def free_names(kind: str, name: str, registry: Registry, commands: Collection[str]) -> Names:
    """The names of a new component.

    Parameters
    ----------
    kind : singular or plural
    commands : the names of all commands of `langgeo`

    Raises
    ------
    UserError
        If the kind is unknown, or the name is not well formed or already taken; the message says by whom.
    """
    if kind not in KINDS:
        raise UserError(f"there is no kind {kind!r} of component", suggestion(kind, records.KINDS, "kinds"))
    if not NAME.fullmatch(name):
        raise UserError(
            f"{name!r} cannot be the name of a component",
            "use lower-case letters, digits and dashes between words, and begin with a letter: my-idea",
        )
    names = Names(KINDS[kind], name)
    owners = [entry.origin for entry in registry.all(names.kind) if entry.component.name == name]
    if owners:
        owner = f"{owners[0].distribution} {owners[0].version}"
        raise UserError(f"{owner} already has a {names.singular} named {name!r}", "choose another name")
    if names.kind == "commands" and name in commands:
        raise UserError(f"langgeo already has a command named {name!r}", "choose another name")
    if owner := _owner_of_package(names):
        raise UserError(f"the package cannot be called {names.distribution}: {owner}", "choose another name")
    return names


def _owner_of_package(names: Names) -> str:
    """Who has the name of the distribution or of the package; empty if it is free."""
    try:
        return f"the distribution {names.distribution} {version(names.distribution)} is installed"
    except PackageNotFoundError:
        pass
    found = importlib.util.find_spec(names.package)
    if found is None:
        return ""
    locations = list(found.submodule_search_locations or ())
    return f"a package {names.package} is in {Path(locations[0] if locations else found.origin or '').parent}"


def write_plugin(names: Names, folder: Path) -> list[Path]:
    """Write the package into a new folder and return its files.

    Raises
    ------
    UserError
        If the folder exists.
    StorageError
        If the folder cannot be written.
    """
    if folder.exists() or folder.is_symlink():
        raise UserError(f"{folder} already exists", "choose another folder with --out, or move this one")
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
    if names.has_options:
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
        "options": names.options if names.has_options else "",
        "summary": kit.summary,
        "try_it": kit.try_it.format(name=names.name),
        "extra": kit.extra,
        "needs": kit.needs,
        "setup": kit.setup,
        "langgeo": version("langgeo"),
    }
