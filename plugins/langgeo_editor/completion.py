"""`langgeo completion`, and what a shell is offered for the word that is being typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from langgeo_core.api import (
    DATA_KINDS,
    CalibrationSettings,
    bundled_configs,
    catalog_of,
    installed,
    label_of,
    list_kind,
    plural_of,
    summary_of,
)
from langgeo_core.hooks import records


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, components, configs and keys.

    \b
    Examples:
      eval "$(langgeo completion bash)"                                    in ~/.bashrc
      eval "$(langgeo completion zsh)"                                     in ~/.zshrc
      langgeo completion fish > ~/.config/fish/completions/langgeo.fish
    """
    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(ctx.find_root().command, {}, "langgeo", "_LANGGEO_COMPLETE").source())


def offer(ctx: click.Context, param: click.Parameter, word: str) -> Iterable[CompletionItem]:
    """What begins with the word, for the arguments that several commands have."""
    offers = {"config": _offer_configs, "kind": _offer_kinds, "name": _offer_names}
    offered = offers.get(param.name or "", _offer_overrides)(ctx, param, word)
    return [item for item in offered if item.type != "plain" or item.value.startswith(word)]


def _offer_configs(ctx: click.Context, param: click.Parameter, word: str) -> Iterator[CompletionItem]:
    """Bundled names; files come first, since bash forgets what was offered before them."""
    yield CompletionItem(word, type="file")
    for name, config in bundled_configs().items():
        yield CompletionItem(name, help=summary_of(config.file))


def _offer_kinds(ctx: click.Context, param: click.Parameter, word: str) -> Iterator[CompletionItem]:
    singular = param.name == "kind" and ctx.info_name == "show"
    names = [record.__name__.lower() for record in records.KINDS.values()] if singular else list(records.KINDS)
    yield from map(CompletionItem, [*names, *(DATA_KINDS.values() if singular else DATA_KINDS)])


def _offer_names(ctx: click.Context, param: click.Parameter, word: str) -> Iterator[CompletionItem]:
    """The names of the kind that before."""
    for listed in list_kind(plural_of(ctx.params["kind"], DATA_KINDS), catalog_of(ctx.find_root().params)):
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
    inner = [f"calibration.{name}" for name in CalibrationSettings.model_fields]
    return [*records.KEYS, "languages", "seed", "name", *inner]


def _values(ctx: click.Context, key: str, start: str, written: str) -> Iterator[CompletionItem]:
    """The values of a key, behind what is already written of a list or of choices: `[a, ` or `a,b,`."""
    cut = max(written.rfind(mark) for mark in ("[", ",")) + 1
    space = len(written[cut:]) - len(written[cut:].lstrip())
    before = start + written[: cut + space]
    for name, summary in _named_values(ctx, key):
        yield CompletionItem(before + name, help=summary)


def _named_values(ctx: click.Context, key: str) -> Iterator[tuple[str, str]]:
    """Names with their summaries; of an option of calibration, or of the default component, the words it allows."""
    if key == "languages":
        yield "all", "Every language that a corpus has."
    if kind := "language-sets" if key == "languages" else records.KEYS[key].kind if key in records.KEYS else "":
        yield from ((listed.name, listed.summary) for listed in list_kind(kind, catalog_of(ctx.find_root().params)))
        return
    owner, _, option = key.partition(".")
    options: Any = CalibrationSettings if owner == "calibration" else None
    node = catalog_of(ctx.find_root().params).defaults.get(owner)
    if node is not None and records.KEYS[owner].single:
        options = installed().get(records.KEYS[owner].kind, label_of(node)).component.load_options()
    allowed = options.model_json_schema()["properties"].get(option, {}).get("enum", ()) if options else ()
    yield from ((str(choice), "") for choice in allowed)
