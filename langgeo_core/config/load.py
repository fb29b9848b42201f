"""From a config's path or name and the command line's overrides to everything a run uses, or to all that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from langgeo_core.config.catalog import Catalog
from langgeo_core.config.config_files import find_config
from langgeo_core.config.language_ids import known_languages, language_problems
from langgeo_core.config.nodes import COMMAND_LINE, List, Map, Mark, Node, Scalar, plain
from langgeo_core.config.overrides import Shorthand, apply_overrides
from langgeo_core.config.reader import parse_yaml
from langgeo_core.config.resolve import Registry, Resolver
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import COMPONENT_KEYS, MATRIX_LACKS, ConfigSchema, MatrixSchema, RunSettings
from langgeo_core.config.typed import build, without_faults
from langgeo_core.contract.errors import ConfigError, Problem, UserError
from langgeo_core.contract.records import Command, Corpus
from langgeo_core.system.files import read_text


@dataclass(frozen=True)
class Draft:
    """A config as far as it can be read, and what is wrong with it.

    Parameters
    ----------
    tree : the file with its defaults and overrides
    config : the components that can be built and the languages that exist; wrong settings have their defaults
    incomplete : the kinds of which a component was left out because of its problems
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

    def where(self, path: str) -> str:
        """The file and line of `key` or `key.name`, and the path, as problems print it."""
        return self.config.where(path)


def load_config(
    path_or_name: str,
    overrides: Sequence[str],
    registry: Registry,
    catalog: Catalog,
    text_folder: Path | None = None,
) -> ResolvedConfig:
    """Read, complete and check a config; see `draft_config`.

    Raises
    ------
    UserError
        If there is no such config.
    ConfigError
        With every problem of the file and the overrides at once.
    """
    return draft_config(path_or_name, overrides, registry, catalog, text_folder).resolved()


def draft_config(
    path_or_name: str,
    overrides: Sequence[str],
    registry: Registry,
    catalog: Catalog,
    text_folder: Path | None = None,
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
        If it is no map of keys.
    """
    file = find_config(path_or_name)
    tree, problems = _read(file)
    tree = _complete(tree, file.stem, registry, catalog, text_folder)
    tree, refused = apply_overrides(tree, overrides, _shorthands(registry))

    def again(more: Sequence[str]) -> Draft:
        return draft_config(path_or_name, (*overrides, *more), registry, catalog, text_folder)

    return _draft(tree, problems + refused, registry, catalog, again)


def draft_matrix(
    matrix: Mapping[str, str], base: str, overrides: Sequence[str], registry: Registry, catalog: Catalog
) -> Draft:
    """A config of a file of distances, judged as another config judges its own.

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
    tree = tree.without(*MATRIX_LACKS, "calibration", "reliability", "parts", "transforms", "languages", "name")
    tree = tree.put(_text("matrix"), _map({key: _text(value) for key, value in matrix.items()}))
    tree = _complete(tree, Path(matrix["file"]).stem, registry, catalog, None)
    tree, refused = apply_overrides(tree, overrides, _shorthands(registry))

    def again(more: Sequence[str]) -> Draft:
        return draft_matrix(matrix, base, (*overrides, *more), registry, catalog)

    return _draft(tree, problems + refused, registry, catalog, again)


def _read(file: Path) -> tuple[Map, list[Problem]]:
    tree, problems = parse_yaml(read_text(file), str(file))
    if tree is not None and not isinstance(tree, Map):
        problems.append(Problem(str(tree.mark), "a config must be a map of keys, such as `models: […]`"))
    if not isinstance(tree, Map):
        raise ConfigError(problems)
    return tree, problems


def _complete(tree: Map, name: str, registry: Registry, catalog: Catalog, text_folder: Path | None) -> Map:
    """The file's tree with its defaults below it and the text folder above it."""
    whole = tree.over(_defaults(tree, catalog))
    if whole.get("name") is None:
        whole = whole.put(Scalar("name", Mark(tree.mark.source)), Scalar(name, Mark(tree.mark.source)))
    if text_folder is None:
        return whole
    return replace(_text_choices(text_folder, registry).over(whole), mark=tree.mark)


def _shorthands(registry: Registry) -> Shorthand:
    def option(key: str, name: str) -> str:
        try:
            return registry.get(COMPONENT_KEYS.get(key, ""), name).component.shorthand
        except (KeyError, UserError):  # what is wrong with the name is told where it is resolved
            return ""

    return option


def _defaults(tree: Map, catalog: Catalog) -> Map:
    if not tree.get("matrix"):
        return catalog.defaults
    return catalog.matrix_defaults.over(catalog.defaults).without(*MATRIX_LACKS)


def _text_choices(folder: Path, registry: Registry) -> Map:
    """All languages of the corpus that reads a folder."""
    components = (registry.get("corpora", name).component for name in registry.names("corpora"))
    found = next((one for one in components if isinstance(one, Corpus) and one.folder_option), None)
    if found is None:
        raise UserError("no corpus that is installed reads a folder of texts", "leave --text out")
    corpus = _map({"name": _text(found.name), found.folder_option: _text(str(folder))})
    return _map({"corpora": List((corpus,), COMMAND_LINE), "languages": List((_text("all"),), COMMAND_LINE)})


def _map(entries: dict[str, Node]) -> Map:
    return Map(tuple((_text(key), value) for key, value in entries.items()), COMMAND_LINE)


def _text(text: str) -> Scalar:
    return Scalar(text, COMMAND_LINE)


def _draft(
    tree: Map,
    problems: list[Problem],
    registry: Registry,
    catalog: Catalog,
    again: Callable[[Sequence[str]], Draft],
) -> Draft:
    commands = (entry.component for entry in registry.all("commands"))
    others = [command.config_key for command in commands if isinstance(command, Command)]
    _, misfits = build(MatrixSchema if tree.get("matrix") else ConfigSchema, tree.without(*others), noun="key")
    resolver = Resolver(registry, catalog)
    choices = resolver.choices(tree)
    found = dict.fromkeys([*problems, *misfits, *resolver.problems, *language_problems(tree, catalog)])
    config = ResolvedConfig(_settings(tree, catalog), choices, _marks(tree))
    return Draft(tree, config, frozenset(resolver.incomplete), tuple(found), again)


def _settings(tree: Map, catalog: Catalog) -> RunSettings:
    """The settings with the languages that exist; those that are wrong have their defaults."""
    written = tree.without(*(key for key in tree.keys if key not in RunSettings.model_fields))
    settings, _ = build(RunSettings, written)
    if settings is None:
        settings, _ = build(RunSettings, without_faults(RunSettings, written))
    assert settings is not None
    languages = ("all",) if settings.matrix and not tree.get("languages") else known_languages(tree, catalog)
    return settings.model_copy(update={"languages": catalog.expand(languages)})


def _marks(tree: Map) -> dict[str, Mark]:
    """Where each key was written, and each key of its map; "" for the file as a whole."""
    maps = [(key.text, node) for key, node in tree.entries if isinstance(node, Map)]
    inner = {f"{key}.{name.text}": name.mark for key, node in maps for name, _ in node.entries}
    return {"": tree.mark, **{key.text: key.mark for key, _ in tree.entries}, **inner}
