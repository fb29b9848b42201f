"""From a config's path or name and the command line's overrides to everything a run uses, or to all that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from langgeo_core.catalog import Catalog
from langgeo_core.config.language_names import language_problems
from langgeo_core.config.nodes import COMMAND_LINE, List, Map, Mark, Node, Scalar
from langgeo_core.config.overrides import apply_overrides
from langgeo_core.config.reader import parse_yaml
from langgeo_core.config.resolve import Registry, Resolver
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import ConfigSchema, RunSettings
from langgeo_core.config.sources import find_config, read_text
from langgeo_core.config.validation import build
from langgeo_core.errors import ConfigError, Problem


def load_config(
    path_or_name: str,
    overrides: Sequence[str],
    registry: Registry,
    catalog: Catalog,
    text_folder: Path | None = None,
) -> ResolvedConfig:
    """Read, complete and check a config.

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
        With every problem of the file and the overrides at once.
    """
    file = find_config(path_or_name)
    tree, problems = parse_yaml(read_text(file), str(file))
    if tree is not None and not isinstance(tree, Map):
        problems.append(Problem(str(tree.mark), "a config must be a map of keys, such as `models: […]`"))
    if not isinstance(tree, Map):
        raise ConfigError(problems)
    tree = _complete(tree, file.stem, catalog, text_folder)
    tree, refused = apply_overrides(tree, overrides)
    return _resolve(tree, problems + refused, registry, catalog)


def _complete(tree: Map, name: str, catalog: Catalog, text_folder: Path | None) -> Map:
    """The file's tree with its defaults below it and the text folder above it."""
    whole = tree.over(catalog.defaults)
    if whole.get("name") is None:
        whole = whole.put(Scalar("name", Mark(tree.mark.source)), Scalar(name, Mark(tree.mark.source)))
    if text_folder is None:
        return whole
    return replace(_text_choices(text_folder).over(whole), mark=tree.mark)


def _text_choices(folder: Path) -> Map:
    corpus = _map({"name": _text("text-folder"), "path": _text(str(folder))})
    return _map({"corpora": List((corpus,), COMMAND_LINE), "languages": List((_text("all"),), COMMAND_LINE)})


def _map(entries: dict[str, Node]) -> Map:
    return Map(tuple((_text(key), value) for key, value in entries.items()), COMMAND_LINE)


def _text(text: str) -> Scalar:
    return Scalar(text, COMMAND_LINE)


def _resolve(tree: Map, problems: list[Problem], registry: Registry, catalog: Catalog) -> ResolvedConfig:
    schema, misfits = build(ConfigSchema, tree, noun="key")
    resolver = Resolver(registry, catalog)
    choices = resolver.choices(tree)
    found = [*problems, *misfits, *resolver.problems, *language_problems(tree, catalog)]
    if found or schema is None:
        raise ConfigError(list(dict.fromkeys(found)))
    settings = RunSettings(
        name=schema.name,
        seed=schema.seed,
        languages=catalog.expand(schema.languages),
        calibration=schema.calibration,
    )
    return ResolvedConfig(settings, choices)
