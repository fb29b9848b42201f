"""What the shell is offered for the word that is being typed. Imports nothing heavy, and never fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from langgeo_core.config.catalog import Catalog

Offer = Callable[[click.Context, click.Parameter, str], Iterable[CompletionItem]]
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _matching(offer: Offer) -> Complete:
    """Only what begins with the word; nothing where something is amiss, since a message would end up in the line."""

    @wraps(offer)
    def complete(ctx: click.Context, param: click.Parameter, word: str) -> list[CompletionItem]:
        try:
            offered = list(offer(ctx, param, word))
        except Exception:  # a shell has no place for a traceback, and the command itself will tell
            return []
        return [item for item in offered if item.type != "plain" or item.value.startswith(word)]

    return complete


def _offer_configs(ctx: click.Context, param: click.Parameter, word: str) -> Iterator[CompletionItem]:
    """Bundled names; files come first, since bash forgets what was offered before them."""
    from langgeo_core.config.catalog import bundled_configs, summary_of

    yield CompletionItem(word, type="file")
    for name, config in bundled_configs().items():
        yield CompletionItem(name, help=summary_of(config.file))


def _offer_kinds(ctx: click.Context, param: click.Parameter, word: str) -> Iterator[CompletionItem]:
    from langgeo_core.cli.listing import DATA_KINDS
    from langgeo_core.contract.records import KINDS

    singular = param.name == "kind" and ctx.info_name == "show"
    names = [record.__name__.lower() for record in KINDS.values()] if singular else list(KINDS)
    yield from map(CompletionItem, [*names, *(DATA_KINDS.values() if singular else DATA_KINDS)])


def _offer_names(ctx: click.Context, param: click.Parameter, word: str) -> Iterator[CompletionItem]:
    """The names of the kind that stands before."""
    from langgeo_core.cli.listing import DATA_KINDS, list_kind
    from langgeo_core.plugins.registry import plural_of

    for listed in list_kind(plural_of(ctx.params["kind"], DATA_KINDS), _catalog(ctx)):
        yield CompletionItem(listed.name, help=listed.summary)


def _offer_overrides(ctx: click.Context, param: click.Parameter, word: str) -> Iterator[CompletionItem]:
    """Keys, and behind `key=` its values. Bash takes `key=value` for three words, the other shells for one."""
    before = [str(part) for part in ctx.params.get(param.name or "") or ()]
    if before and before[-1] == "=":
        yield from _values(ctx, before[-2] if len(before) > 1 else "", "", word)
    elif before and before[-1] in _keys():
        yield from _values(ctx, before[-1], "", word)
    elif "=" in word:
        key, _, value = word.partition("=")
        yield from _values(ctx, key, f"{key}=", value)
    else:
        yield from (CompletionItem(f"{key}=") for key in _keys())


def _keys() -> list[str]:
    from langgeo_core.config.schema import KEYS, CalibrationSettings

    inner = [f"calibration.{name}" for name in CalibrationSettings.model_fields]
    return [*KEYS, "languages", "seed", "name", *inner]


def _values(ctx: click.Context, key: str, start: str, written: str) -> Iterator[CompletionItem]:
    """The values of a key, behind what is already written of a list or of choices: `[a, ` or `a,b,`."""
    cut = max(written.rfind(mark) for mark in ("[", ",")) + 1
    space = len(written[cut:]) - len(written[cut:].lstrip())
    before = start + written[: cut + space]
    for name, summary in _named_values(ctx, key):
        yield CompletionItem(before + name, help=summary)


def _named_values(ctx: click.Context, key: str) -> Iterator[tuple[str, str]]:
    """Names with their summaries; of an option of calibration, or of the default component, the words it allows."""
    from langgeo_core.cli.listing import list_kind
    from langgeo_core.config.nodes import label_of
    from langgeo_core.config.schema import KEYS, CalibrationSettings
    from langgeo_core.config.typed import choices, field_shapes
    from langgeo_core.plugins.registry import installed

    if key == "languages":
        yield "all", "Every language that a corpus has."
    if kind := "language-sets" if key == "languages" else KEYS[key].kind if key in KEYS else "":
        yield from ((listed.name, listed.summary) for listed in list_kind(kind, _catalog(ctx)))
        return
    owner, _, option = key.partition(".")
    options: Any = CalibrationSettings if owner == "calibration" else None
    node = _catalog(ctx).defaults.get(owner)
    if node is not None and KEYS[owner].single:
        options = installed().get(KEYS[owner].kind, label_of(node)).component.load_options()
    if options and option in options.model_fields:
        yield from ((choice, "") for choice in choices(field_shapes(options.model_fields[option])))


def _catalog(ctx: click.Context) -> Catalog:
    """With the `--registry` of the command line laid over."""
    from langgeo_core.config.catalog import bundled_catalog

    catalog = bundled_catalog()
    file = ctx.find_root().params.get("registry")
    return catalog.overlay(Path(file)) if file else catalog


CONFIG = _matching(_offer_configs)
KIND = _matching(_offer_kinds)
NAME = _matching(_offer_names)
OVERRIDES = _matching(_offer_overrides)
