"""Data that ships with langgeo and plugins: bundled configs, and registry.yaml with short names, sets and defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from langgeo_core.config.nodes import List, Map, Mark, Node, Scalar, as_list, parse_yaml, plain
from langgeo_core.config.schema import KEYS
from langgeo_core.config.typed import build
from langgeo_core.contract.errors import ConfigError, Problem, UserError, suggestion
from langgeo_core.plugins.registry import installed
from langgeo_core.system.files import read_text

M = TypeVar("M", bound=BaseModel)

_SECTIONS = ("models", "corpora", "language_sets", "defaults", "matrix_defaults", "model_facts")
_ENTRY_KEYS = ("component", "options", "note")
_SET_KEYS = ("languages", "note")
_DEFAULT_KEYS = tuple(key for key, record in KEYS.items() if record.single or not record.makes_distances)


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
class Entry:
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

    models: Mapping[str, Entry] = field(default_factory=dict)
    corpora: Mapping[str, Entry] = field(default_factory=dict)
    language_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: Map = field(default_factory=lambda: Map((), Mark("registry.yaml")))
    set_notes: Mapping[str, str] = field(default_factory=dict)
    matrix_defaults: Map = field(default_factory=lambda: Map((), Mark("registry.yaml")))
    model_facts: Mapping[str, Map] = field(default_factory=dict)

    def entries(self, kind: str) -> Mapping[str, Entry]:
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
    return read_text(_registry_file())


def _registry_file() -> Path:
    """Inside the package where it was installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "registry.yaml"
    return inside if inside.is_file() else package.parent / "registry.yaml"


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
    tree, problems = parse_yaml(text, source)
    reader = _CatalogReader(problems)
    catalog = reader.catalog(tree) if isinstance(tree, Map) else Catalog()
    if tree is not None and not isinstance(tree, Map):
        problems.append(Problem(str(tree.mark), "must be a map of sections", f"sections: {', '.join(_SECTIONS)}"))
    if problems:
        raise ConfigError(problems)
    return catalog


class _CatalogReader:
    """Reads sections and collects what is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def catalog(self, tree: Map) -> Catalog:
        self._check_keys(tree, _SECTIONS, "", "section")
        defaults = self._map(tree, "defaults", "")
        self._check_keys(defaults, _DEFAULT_KEYS, "defaults.", "key")
        matrix_defaults = self._map(tree, "matrix_defaults", "")
        self._check_keys(matrix_defaults, _DEFAULT_KEYS, "matrix_defaults.", "key")
        sets = self._map(tree, "language_sets", "")
        return Catalog(
            self._entries(tree, "models"),
            self._entries(tree, "corpora"),
            self._language_sets(sets),
            defaults,
            {key.text: self._note(node, f"language_sets.{key.text}.") for key, node in sets.entries},
            matrix_defaults,
            self._facts(tree),
        )

    def _facts(self, tree: Map) -> dict[str, Map]:
        """Maps of a model's shape; what is in them is read where a prediction needs it."""
        facts = self._map(tree, "model_facts", "")
        return {key.text: self._map(facts, key.text, "model_facts.") for key, _ in facts.entries}

    def _entries(self, tree: Map, section: str) -> dict[str, Entry]:
        found = {}
        for key, node in self._map(tree, section, "").entries:
            path = f"{section}.{key.text}"
            component = node.get("component") if isinstance(node, Map) else None
            if ":" in key.text or not key.text:
                self._refuse(key.mark, path, "a short name must not be empty or hold a colon")
            elif isinstance(node, Map) and isinstance(component, Scalar) and component.text:
                found[key.text] = self._entry(key.text, node, component, f"{path}.")
            else:
                self._refuse(key.mark, path, "must be a map with a `component`, as listed by `langgeo list`")
        return found

    def _entry(self, name: str, node: Map, component: Scalar, path: str) -> Entry:
        self._check_keys(node, _ENTRY_KEYS, path, "key")
        note = self._note(node, path)
        options = self._map(node, "options", path)
        return Entry(name, component, options, note)

    def _note(self, node: Node, path: str) -> str:
        """The remark of an entry or a set; empty for a set that is a list alone."""
        note = node.get("note") if isinstance(node, Map) else None
        if note is None:
            return ""
        if not isinstance(note, Scalar):
            self._refuse(note.mark, f"{path}note", "must be text")
            return ""
        return " ".join(note.text.split())

    def _language_sets(self, sets: Map) -> dict[str, tuple[str, ...]]:
        found = {}
        for key, node in sets.entries:
            path = f"language_sets.{key.text}"
            if key.text in ("", "all"):
                self._refuse(key.mark, path, f"a language set cannot be named {key.text!r}")
            members = as_list(self._members(node, path)).items
            found[key.text] = tuple(self._language(item, path, sets) for item in members)
            repeated = sorted({member for member in found[key.text] if found[key.text].count(member) > 1})
            if not found[key.text]:
                self._refuse(key.mark, path, "holds no language")
            if repeated:
                self._refuse(key.mark, path, f"lists {', '.join(repeated)} more than once", "keep one of each")
        return found

    def _members(self, node: Node, path: str) -> Node:
        """The list of a set, which may stand under `languages` of a map."""
        if not isinstance(node, Map):
            return node
        self._check_keys(node, _SET_KEYS, f"{path}.", "key")
        return node.get("languages") or List((), node.mark)

    def _language(self, item: Node, path: str, sets: Map) -> str:
        if not isinstance(item, Scalar) or not item.text:
            self._refuse(item.mark, path, "must be a list of language ids")
            return ""
        if item.text in (*sets.keys, "all"):
            self._refuse(item.mark, path, f"{item.text!r} is a set; a set holds language ids only")
        return item.text

    def _map(self, tree: Map, key: str, path: str) -> Map:
        node = tree.get(key)
        if isinstance(node, Map):
            return node
        if isinstance(node, List) or (isinstance(node, Scalar) and node.text):
            self._refuse(tree.mark_of(key), path + key, "must be a map")
        return Map((), tree.mark_of(key))

    def _check_keys(self, node: Map, known: Iterable[str], path: str, noun: str) -> None:
        for key, _ in node.entries:
            if key.text not in known:
                hint = suggestion(key.text, known, f"known {noun}s")
                self._refuse(key.mark, path + key.text, f"unknown {noun} {key.text!r}", hint)

    def _refuse(self, mark: Mark, path: str, message: str, hint: str = "") -> None:
        self._problems.append(Problem(mark.at(path), message, hint))
