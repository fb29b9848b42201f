"""From a config's path or name and the command line's overrides to everything a run uses, or to every problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from langgeo_core.config.catalog import Catalog, find_config
from langgeo_core.config.nodes import COMMAND_LINE, Map, Mark, Scalar, as_list, as_node, parse_map, plain
from langgeo_core.config.overrides import apply_overrides
from langgeo_core.config.resolve import Resolver
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import DISTANCE_KEYS, PATHS, ConfigSchema, Given, MatrixSchema, Measured, RunSettings
from langgeo_core.config.typed import build, without_faults
from langgeo_core.contract.errors import ConfigError, Problem, UserError, suggestion
from langgeo_core.contract.records import KEYS, Command, Corpus
from langgeo_core.languages.names import MOST_HINTS, did_you_mean
from langgeo_core.languages.table import LanguageTable
from langgeo_core.plugins.registry import Registry
from langgeo_core.system.files import read_text


@dataclass(frozen=True)
class Draft:
    """A config as far as it can be read, and what is wrong with it.

    Parameters
    ----------
    tree : the file with its defaults and overrides
    config : the components that can be built and the languages that exist; wrong settings have their defaults
    incomplete : the kinds of which a component was left out, and the keys of settings left out, for their problems
    again : reads the config again, with more overrides
    """

    tree: Map
    config: ResolvedConfig
    incomplete: frozenset[str]
    problems: tuple[Problem, ...]
    again: Callable[[Sequence[str]], Draft]

    def resolved(self) -> ResolvedConfig:
        """The whole config; raises ConfigError with every problem."""
        if self.problems:
            raise ConfigError(self.problems)
        return self.config

    def plain(self, key: str) -> str | list[object] | dict[str, object] | None:
        """What is written under a key: text, lists and dicts; None if nothing is."""
        node = self.tree.get(key)
        return None if node is None else plain(node)


def draft_config(
    path_or_name: str, overrides: Sequence[str], registry: Registry, catalog: Catalog, text_folder: Path | None = None
) -> Draft:
    """A config as far as it can be read.

    Parameters
    ----------
    path_or_name : a YAML file, or the name of a bundled config
    overrides : `a.b=c`, applied in order after everything else
    text_folder : a folder of texts that replaces the config's corpora, and its languages the config's languages

    Raises
    ------
    UserError
        If there is no such config.
    ConfigError
        If it is not a map of keys.
    """
    file = find_config(path_or_name)
    tree, problems = _read(file)
    tree = _complete(tree, file.stem, catalog)
    if text_folder is not None:
        for key, chosen in _text_choices(text_folder, registry).items():
            tree = tree.put(Scalar(key, COMMAND_LINE), as_node(chosen, COMMAND_LINE))
    return _draft(tree, problems, overrides, registry, catalog)


def draft_matrix(
    matrix: Mapping[str, str], base: str, overrides: Sequence[str], registry: Registry, catalog: Catalog
) -> Draft:
    """A config of a file of distances, evaluated as another config evaluates its own.

    Parameters
    ----------
    matrix : the options of `matrix` as text
    base : a config whose components after the distances are taken; empty for the defaults
    overrides : `a.b=c`, applied in order after everything else

    Raises
    ------
    UserError, ConfigError
        As `draft_config`.
    """
    tree, problems = _read(find_config(base)) if base else (Map((), COMMAND_LINE), [])
    of_models = [key for key in Measured.model_fields if key != "seed"]
    tree = tree.without(*DISTANCE_KEYS, *of_models, "transforms")
    tree = tree.put(Scalar("matrix", COMMAND_LINE), as_node(matrix, COMMAND_LINE))
    return _draft(_complete(tree, Path(matrix["file"]).stem, catalog), problems, overrides, registry, catalog)


def _read(file: Path) -> tuple[Map, list[Problem]]:
    return parse_map(read_text(file), str(file), "a config must be a map of keys, such as `models: […]`")


def _complete(tree: Map, name: str, catalog: Catalog) -> Map:
    """The tree over the registry's defaults, with a name."""
    defaults = catalog.defaults
    if tree.get("matrix"):
        defaults = catalog.matrix_defaults.over(defaults).without(*DISTANCE_KEYS)
    source = Mark(tree.mark.source)
    return tree.over(defaults.over(Map(((Scalar("name", source), Scalar(name, source)),), source)))


def _text_choices(folder: Path, registry: Registry) -> dict[str, object]:
    """All languages of the corpus that reads a folder."""
    components = (registry.get("corpora", name).component for name in registry.names("corpora"))
    found = next((one for one in components if isinstance(one, Corpus) and one.folder_option), None)
    if found is None:
        raise UserError("no corpus that is installed reads a folder of texts", "leave --text out")
    return {"corpora": [{"name": found.name, found.folder_option: str(folder)}], "languages": ["all"]}


def _draft(
    complete: Map, problems: Sequence[Problem], overrides: Sequence[str], registry: Registry, catalog: Catalog
) -> Draft:
    """The draft of a tree with its defaults, under overrides."""
    tree, refused = apply_overrides(complete, overrides, partial(_shorthand, registry))
    commands = (entry.component for entry in registry.all("commands"))
    others = [command.config_key for command in commands if isinstance(command, Command)]
    model, paths = (MatrixSchema, ()) if tree.get("matrix") else (ConfigSchema, PATHS)
    _, misfits = build(model, tree.without(*others), noun="key", others=paths)
    resolver = Resolver(registry, catalog)
    choices = resolver.choices(tree)
    languages, strangers = _languages(tree, catalog)
    found = dict.fromkeys([*problems, *refused, *misfits, *resolver.problems, *strangers])
    config = ResolvedConfig(_settings(tree, languages), choices, _marks(tree))

    def again(more: Sequence[str]) -> Draft:
        return _draft(complete, problems, (*overrides, *more), registry, catalog)

    keys = (problem.where.rpartition(": ")[2].partition(".")[0] for problem in (*refused, *misfits))
    return Draft(tree, config, frozenset((*resolver.incomplete, *keys)), tuple(found), again)


def _shorthand(registry: Registry, key: str, name: str) -> str:
    try:
        return registry.get(KEYS[key].kind, name).component.shorthand
    except (KeyError, UserError):  # what is wrong with the name is reported where it is resolved
        return ""


def _settings(tree: Map, languages: tuple[str, ...]) -> RunSettings:
    """The settings over the languages that exist; those that are wrong have their defaults."""
    written = tree.without(*(key for key in tree.keys if key not in RunSettings.model_fields), "languages")
    settings, _ = build(RunSettings, without_faults(RunSettings, written))
    assert settings is not None
    return settings.model_copy(update={"languages": languages})


def _marks(tree: Map) -> dict[str, Mark]:
    """Where each key was written, and each key of its map; "" for the file as a whole."""
    maps = [(key.text, node) for key, node in tree.entries if isinstance(node, Map)]
    inner = {f"{key}.{name.text}": name.mark for key, node in maps for name, _ in node.entries}
    return {"": tree.mark, **{key.text: key.mark for key, _ in tree.entries}, **inner}


def _languages(tree: Map, catalog: Catalog) -> tuple[tuple[str, ...], list[Problem]]:
    """The languages that `languages` names, and a problem for each entry that names no language, set or `all`."""
    node = tree.get("languages")
    if node is None:
        return Given.model_fields["languages"].default if tree.get("matrix") else (), []
    known, problems = list[str](), list[Problem]()
    for index, item in enumerate(as_list(node).items):
        if not isinstance(item, Scalar) or not item.text:
            continue
        problem = _unknown(index, item, catalog, len(problems) < MOST_HINTS)
        if problem:
            problems.append(problem)
        else:
            known.append(item.text)
    return catalog.expand(known), problems


def _unknown(index: int, item: Scalar, catalog: Catalog, hinted: bool) -> Problem | None:
    where, hint = item.mark.at(f"languages.{index}"), ""
    if item.text == "all" or item.text in catalog.language_sets:
        return None
    if "," in item.text:
        return Problem(where, f"{item.text!r} is one entry with commas", f"write [{item.text}]")
    if LanguageTable().find(item.text):
        return None
    if hinted:
        sets, hint = suggestion(item.text, catalog.language_sets, "language sets"), did_you_mean(item.text)
        named = f"({item.text})".casefold() in hint.casefold()
        hint = sets if sets.startswith("did you mean") and not named else hint
    return Problem(where, f"unknown language or language set {item.text!r}", hint)
