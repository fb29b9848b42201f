"""Data that ships with langgeo and plugins: bundled configs, and registry.yaml with short names, sets and defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from langgeo_core.config.nodes import List, Map, Mark, Node, Scalar, as_list, parse_map, plain, written
from langgeo_core.contract.errors import ConfigError, Problem, UserError, suggestion
from langgeo_core.contract.records import KEYS, LABEL, is_label
from langgeo_core.plugins.registry import installed
from langgeo_core.system.files import read_text

_ENTRY = {"component": Scalar, "options": Map, "note": Scalar}
_SET = {"languages": List, "note": Scalar}
# Lists that make distances have no default: a config names its models and texts.
_DEFAULTS = dict.fromkeys(key for key, record in KEYS.items() if record.single or not record.makes_distances)
_SHAPE: dict[str | None, Any] = {
    "models": {None: _ENTRY},
    "corpora": {None: _ENTRY},
    "language_sets": {None: _SET},
    "defaults": _DEFAULTS,
    "matrix_defaults": _DEFAULTS,
    "model_facts": {None: Map},
}
"""What registry.yaml may hold: shapes by key, under None that of every other key; a shape of None allows anything."""
_WORDS = {Scalar: "text", List: "a list of at least 1", Map: "a map"}


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

    pydantic would check it, but takes longer to import than `langgeo list` needs for all else.

    Raises
    ------
    ConfigError
        With every problem of the text.
    """
    tree, problems = parse_map(
        text, source, "must be a map, not text or a list", f"keys: {', '.join(map(str, _SHAPE))}"
    )
    tree = tree.without(*(key.text for key, node in tree.entries if isinstance(node, Scalar) and not node.text))
    sets = _map(tree, "language_sets")
    for key, node in sets.entries:
        if not isinstance(node, Map):  # a list alone
            sets = sets.put(key, Map(((Scalar("languages", key.mark), node),), node.mark))
    if sets.entries:
        tree = tree.put(Scalar("language_sets", tree.mark_of("language_sets")), sets)
    problems += _faults(tree, _SHAPE, "", tree.mark)
    problems += [
        Problem(key.mark.at(f"{section}.{key.text}"), f"the short name {key.text!r} cannot name files", LABEL)
        for section in ("models", "corpora")
        for key, _ in _map(tree, section).entries
        if not is_label(key.text)
    ]
    members = {key.text: _texts(node.get("languages")) for key, node in sets.entries if isinstance(node, Map)}
    for key, _ in sets.entries:
        problems += _set_problems(key, members[key.text], sets.keys)
    if problems:
        raise ConfigError(problems)
    models, corpora = (
        {key.text: _entry(key.text, node) for key, node in _map(tree, section).entries}
        for section in ("models", "corpora")
    )
    notes = {key.text: _note(node) for key, node in sets.entries}
    facts = {key: _map(_map(tree, "model_facts"), key) for key in _map(tree, "model_facts").keys}
    return Catalog(models, corpora, members, _map(tree, "defaults"), notes, _map(tree, "matrix_defaults"), facts)


def _faults(node: Node, shape: Any, path: str, mark: Mark) -> Iterator[Problem]:
    """What does not fit a shape of `_SHAPE`."""
    kind = Map if isinstance(shape, dict) else shape
    if shape is List:
        node = node if isinstance(node, Scalar) and not node.text else as_list(node)
        for index, item in enumerate(node.items if isinstance(node, List) else ()):
            if not (isinstance(item, Scalar) and item.text):
                yield Problem(item.mark.at(f"{path}.{index}"), f"must be text that is not empty, got {written(item)}")
    if kind and (not isinstance(node, kind) or node == List((), node.mark)):
        yield Problem(mark.at(path), f"must be {_WORDS[kind]}, got {written(node)}")
    elif isinstance(node, Map) and isinstance(shape, dict):
        yield from _faults_inside(node, shape, path)


def _faults_inside(node: Map, shape: dict[str | None, Any], path: str) -> Iterator[Problem]:
    for key, value in node.entries:
        inside = f"{path}.{key.text}".removeprefix(".")
        if key.text in shape or None in shape:
            yield from _faults(value, shape.get(key.text, shape.get(None)), inside, key.mark)
        else:
            hint = suggestion(key.text, map(str, shape), "known keys")
            yield Problem(key.mark.at(inside), f"unknown key {key.text!r}", hint)
    for required in ("component", "languages"):
        given = node.get(required)
        if required in shape and (given is None or written(given) == "nothing"):
            message = f"the key {required!r} is missing and has no default"
            yield Problem(node.mark.at(f"{path}.{required}"), message, f"it must be {_WORDS[shape[required]]}")


def _texts(node: Node | None) -> tuple[str, ...]:
    """The members of a language set, as far as they are text."""
    return tuple(item.text for item in as_list(node).items if isinstance(item, Scalar)) if node else ()


def _map(node: Node, key: str) -> Map:
    """The map under a key; an empty one where there is none."""
    found = node.get(key) if isinstance(node, Map) else None
    return found if isinstance(found, Map) else Map((), node.mark_of(key) if isinstance(node, Map) else node.mark)


def _note(node: Node) -> str:
    """The remark in an entry, on one line."""
    note = node.get("note") if isinstance(node, Map) else None
    return " ".join(note.text.split()) if isinstance(note, Scalar) else ""


def _entry(name: str, node: Node) -> CatalogEntry:
    component = node.get("component") if isinstance(node, Map) else None
    assert isinstance(component, Scalar)
    return CatalogEntry(name, component, _map(node, "options"), _note(node))


def _set_problems(key: Scalar, members: tuple[str, ...], sets: Iterable[str]) -> Iterator[Problem]:
    where = key.mark.at(f"language_sets.{key.text}")
    if key.text in ("", "all"):
        yield Problem(where, f"a language set cannot be named {key.text!r}")
    if nested := sorted({*members} & {*sets, "all"}):
        yield Problem(where, f"{', '.join(map(repr, nested))} is a set; a set holds language ids only")
    if repeated := sorted({member for member in members if members.count(member) > 1}):
        yield Problem(where, f"lists {', '.join(repeated)} more than once", "keep one of each")
