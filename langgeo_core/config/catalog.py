"""Data that ships with langgeo and plugins: bundled configs, and registry.yaml with short names, sets and defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, Field, create_model

from langgeo_core.config.nodes import Map, Mark, Node, Scalar, parse_map, plain
from langgeo_core.config.schema import KEYS, LanguageName
from langgeo_core.config.typed import build, without_faults
from langgeo_core.contract.errors import ConfigError, Problem, UserError, suggestion
from langgeo_core.contract.options import Options
from langgeo_core.plugins.registry import installed
from langgeo_core.system.files import read_text

M = TypeVar("M", bound=BaseModel)


_Note = Annotated[str, AfterValidator(lambda note: " ".join(note.split()))]
"""A remark, on one line."""


class _Entry(Options):
    component: str = Field(min_length=1)
    options: dict[str, Any] = Field(default={})
    note: _Note = ""


class _Set(Options):
    languages: tuple[LanguageName, ...] = Field(min_length=1)
    note: _Note = ""


# Lists that make distances have no default: a config names its models and texts.
_WITH_DEFAULT: dict[str, Any] = {
    key: (Any, None) for key, record in KEYS.items() if record.single or not record.makes_distances
}
_Defaults = create_model("_Defaults", __base__=Options, **_WITH_DEFAULT)


class _Registry(Options):
    models: dict[str, _Entry] = Field(default={})
    corpora: dict[str, _Entry] = Field(default={})
    language_sets: dict[str, _Set] = Field(default={})
    defaults: _Defaults = _Defaults()
    matrix_defaults: _Defaults = _Defaults()
    model_facts: dict[str, dict[str, Any]] = Field(default={})


@dataclass(frozen=True)
class BundledConfig:
    """A config that a plugin's package holds in its folder `configs`."""

    file: Path
    distribution: str
    version: str


def bundled_configs() -> dict[str, BundledConfig]:
    """The configs in plugins' packages by name; of two with one name the later is `dist:name`."""
    found: dict[str, BundledConfig] = {}
    for plugin in sorted(installed().plugins, key=lambda plugin: plugin.distribution != "langgeo"):
        for folder in getattr(plugin.module, "__path__", ()):
            for file in (Path(folder) / "configs").glob("*.yaml"):
                name = f"{plugin.distribution}:{file.stem}" if file.stem in found else file.stem
                found[name] = BundledConfig(file, plugin.distribution, plugin.version)
    return dict(sorted(found.items()))


def summary_of(file: Path) -> str:
    """The comment in the first lines of a config, on one line; empty where it has none."""
    comment = takewhile(lambda line: line.startswith("#"), read_text(file).splitlines())
    return " ".join(" ".join(line.lstrip("# ") for line in comment).split())


def find_config(path_or_name: str) -> Path:
    """The file of a path, or else of a bundled name; raises UserError if it is neither."""
    try:
        if Path(path_or_name).is_file():
            return Path(path_or_name)
    except (OSError, ValueError):  # a name too long for the platform, or with a null character
        pass
    bundled = bundled_configs()
    if path_or_name in bundled:
        return bundled[path_or_name].file
    hint = suggestion(path_or_name, bundled, "bundled configs")
    raise UserError(f"{path_or_name!r} is neither a config file nor the name of a bundled config", hint)


@dataclass(frozen=True)
class CatalogEntry:
    """A short name's component (`name` or `dist:name`), its options and a remark such as the licence."""

    name: str
    component: Scalar
    options: Map
    note: str = ""

    @property
    def given(self) -> dict[str, object]:
        """The options as text, lists and dicts."""
        return {key.text: plain(value) for key, value in self.options.entries}


@dataclass(frozen=True)
class Catalog:
    """What registry.yaml says. `defaults` keeps its marks, since a config takes its entries over.

    `matrix_defaults` goes before them in a config whose distances come from a file.

    `set_notes` has a remark for each language set, `model_facts` the shapes of models, for predictions.
    """

    models: Mapping[str, CatalogEntry] = field(default_factory=dict)
    corpora: Mapping[str, CatalogEntry] = field(default_factory=dict)
    language_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: Map = field(default_factory=lambda: Map((), Mark("registry.yaml")))
    set_notes: Mapping[str, str] = field(default_factory=dict)
    matrix_defaults: Map = field(default_factory=lambda: Map((), Mark("registry.yaml")))
    model_facts: Mapping[str, Map] = field(default_factory=dict)

    def entries(self, kind: str) -> Mapping[str, CatalogEntry]:
        """The short names of a kind of component; only models and corpora have any."""
        return {"models": self.models, "corpora": self.corpora}.get(kind, {})

    def facts(self, name: str, model: type[M]) -> M | None:
        """The entry of `model_facts` under a name; None if there is none.

        Raises
        ------
        ConfigError
            If the entry does not fit the model.
        """
        if name not in self.model_facts:
            return None
        facts, problems = build(model, self.model_facts[name], f"model_facts.{name}", "key")
        if facts is None:
            raise ConfigError(problems)
        return facts

    def expand(self, languages: Iterable[str]) -> tuple[str, ...]:
        """The languages with every set's name replaced by its members, each once."""
        expanded = (member for name in languages for member in self.language_sets.get(name, (name,)))
        return tuple(dict.fromkeys(expanded))

    def overlay(self, file: Path) -> Catalog:
        """This catalog with a user's registry laid over it, entry by entry.

        Raises
        ------
        UserError
            If the file cannot be read.
        ConfigError
            With every problem of the file.
        """
        upper = parse_catalog(read_text(file), str(file))
        sets = {**self.language_sets, **upper.language_sets}
        nested = sorted(set(sets) & {member for members in sets.values() for member in members})
        if nested:
            message = f"{', '.join(nested)}: a language set is named like a member of another"
            raise ConfigError([Problem(str(file), message, "rename the set")])
        models, corpora = {**self.models, **upper.models}, {**self.corpora, **upper.corpora}
        notes = {**self.set_notes, **upper.set_notes}
        defaults, matrix_defaults = upper.defaults.over(self.defaults), upper.matrix_defaults.over(self.matrix_defaults)
        facts = {**self.model_facts, **upper.model_facts}
        return Catalog(models, corpora, sets, defaults, notes, matrix_defaults, facts)


def registry_text() -> str:
    """The text of langgeo's own registry.yaml."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "registry.yaml"  # where it was installed from a wheel; beside the package in a checkout
    return read_text(inside if inside.is_file() else package.parent / "registry.yaml")


@cache
def bundled_catalog() -> Catalog:
    """The catalog of langgeo's own registry.yaml, read once in a process."""
    return parse_catalog(registry_text(), "registry.yaml")


def parse_catalog(text: str, source: str) -> Catalog:
    """The catalog that a registry file's text says.

    Raises
    ------
    ConfigError
        With every problem of the text.
    """
    hint = f"keys: {', '.join(_Registry.model_fields)}"
    tree, problems = parse_map(text, source, "must be a map, not text or a list", hint)
    tree = tree.without(*(key.text for key, node in tree.entries if isinstance(node, Scalar) and not node.text))
    sets = _map(tree, "language_sets")
    for key, node in sets.entries:
        if not isinstance(node, Map):  # a list alone
            sets = sets.put(key, Map(((Scalar("languages", key.mark), node),), node.mark))
    if sets.entries:
        tree = tree.put(Scalar("language_sets", tree.mark_of("language_sets")), sets)
    problems += build(_Registry, tree, noun="key")[1]
    registry, _ = build(_Registry, without_faults(_Registry, tree))
    assert registry is not None
    problems += [
        Problem(key.mark.at(f"{section}.{key.text}"), "a short name must not be empty or hold a colon")
        for section, entries in (("models", registry.models), ("corpora", registry.corpora))
        for key, _ in _map(tree, section).entries
        if key.text in entries and (":" in key.text or not key.text)
    ]
    members = {name: one.languages for name, one in registry.language_sets.items()}
    for key, _ in sets.entries:
        problems += _set_problems(key, members.get(key.text, ()), sets.keys)
    if problems:
        raise ConfigError(problems)
    notes = {name: one.note for name, one in registry.language_sets.items()}
    models, corpora = (
        {key.text: _entry(key.text, node, entries[key.text].note) for key, node in _map(tree, section).entries}
        for section, entries in (("models", registry.models), ("corpora", registry.corpora))
    )
    facts = {key: _map(_map(tree, "model_facts"), key) for key in registry.model_facts}
    return Catalog(models, corpora, members, _map(tree, "defaults"), notes, _map(tree, "matrix_defaults"), facts)


def _map(node: Node, key: str) -> Map:
    """The map under a key; an empty one where there is none."""
    found = node.get(key) if isinstance(node, Map) else None
    return found if isinstance(found, Map) else Map((), node.mark_of(key) if isinstance(node, Map) else node.mark)


def _entry(name: str, node: Node, note: str) -> CatalogEntry:
    component = node.get("component") if isinstance(node, Map) else None
    assert isinstance(component, Scalar)
    return CatalogEntry(name, component, _map(node, "options"), note)


def _set_problems(key: Scalar, members: tuple[str, ...], sets: Iterable[str]) -> Iterator[Problem]:
    where = key.mark.at(f"language_sets.{key.text}")
    if key.text in ("", "all"):
        yield Problem(where, f"a language set cannot be named {key.text!r}")
    if nested := sorted({*members} & {*sets, "all"}):
        yield Problem(where, f"{', '.join(map(repr, nested))} is a set; a set holds language ids only")
    if repeated := sorted({member for member in members if members.count(member) > 1}):
        yield Problem(where, f"lists {', '.join(repeated)} more than once", "keep one of each")
