"""What a new component, its package and its classes are called, and whether these names are free."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.records import KINDS
from langgeo_core.plugins.registry import Registry, plural_of

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Names:
    """Every name that follows from a kind, such as `scorers`, and a component's name, such as `my-idea`."""

    kind: str
    name: str

    @property
    def singular(self) -> str:
        """`scorer`, which is the name of the module with the work too."""
        return KINDS[self.kind].__name__.lower()

    @property
    def record(self) -> str:
        """`Scorer`."""
        return KINDS[self.kind].__name__

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
        """`MyIdeaScorer`."""
        return f"{self._camel}{self.record}"

    @property
    def options(self) -> str:
        """`MyIdeaOptions`."""
        return f"{self._camel}Options"

    @property
    def _camel(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("-"))


def free_names(kind: str, name: str, registry: Registry) -> Names:
    """The names of a new component.

    Raises
    ------
    UserError
        If the kind is unknown, or the name is not well formed or taken; it says by whom.
    """
    if not NAME.fullmatch(name):
        raise UserError(
            f"{name!r} is no name for a component",
            "write lower-case letters and digits, the first a letter, and dashes between words: my-idea",
        )
    names = Names(plural_of(kind), name)
    for entry in registry.all(names.kind):
        if entry.component.name == name:
            owner = f"{entry.origin.distribution} {entry.origin.version}"
            raise UserError(f"{owner} already has a {names.singular} named {name!r}", "choose another name")
    _check_package(names)
    return names


def _check_package(names: Names) -> None:
    owner = _owner(names)
    if owner:
        raise UserError(f"{names.distribution} cannot hold it: {owner}", "choose another name")


def _owner(names: Names) -> str:
    """Who has the distribution's or the package's name already; empty where nobody has."""
    try:
        return f"the distribution {names.distribution} {version(names.distribution)} is installed"
    except PackageNotFoundError:
        pass
    found = importlib.util.find_spec(names.package)
    return f"a package {names.package} is in {_folder(found)}" if found else ""


def _folder(spec: ModuleSpec) -> Path:
    locations = list(spec.submodule_search_locations or ())
    return Path(locations[0] if locations else spec.origin or "").parent
