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
    offers = {"config": _offer_configs, "kind": _offer_kinds, "name": _offer_names, "options": _offer_options}
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
    """The names of the kind before, or of exporters."""
    kind = plural_of(ctx.params["kind"], DATA_KINDS) if "kind" in ctx.params else "exporters"
    for listed in list_kind(kind, catalog_of(ctx.find_root().params)):
        yield CompletionItem(listed.name, help=listed.summary)


def _offer_options(ctx: click.Context, param: click.Parameter, word: str) -> Iterator[CompletionItem]:
    """The options of an exporter, and behind `option=` the words that it allows."""
    options = installed().get("exporters", ctx.params["name"]).component.load("options")
    before = [str(part) for part in ctx.params.get("options") or ()]
    for name in options.model_fields if options else ():
        if (at_value := before[-1:] == [name] or before[-2:] == [name, "="]) or "=" in word:
            start = "" if at_value else f"{name}="
            yield from (CompletionItem(start + choice) for choice in _allowed(options, name))
        elif before[-1:] != ["="]:
            yield CompletionItem(f"{name}=", help=options.model_fields[name].description)


def _offer_overrides(ctx: click.Context, param: click.Parameter, word: str) -> Iterator[CompletionItem]:
    """Keys, and behind `key=` its values. Bash takes `key=value` for three words, the other shells for one."""
    before = [str(part) for part in ctx.params.get(param.name or "") or ()]
    if before and before[-1] == "=":
        yield from _values(ctx, before[-2] if len(before) > 1 else "", "", word)
    elif before and before[-1] in _keys(ctx):
        yield from _values(ctx, before[-1], "", word)
    elif "=" in word:
        key, _, value = word.partition("=")
        yield from _values(ctx, key, f"{key}=", value)
    else:
        yield from (CompletionItem(f"{key}=") for key in _keys(ctx))


def _keys(ctx: click.Context) -> list[str]:
    """The keys of configs, of calibration, and of the options of the components that are there by default."""
    inner = [f"calibration.{name}" for name in CalibrationSettings.model_fields]
    options = [f"{path}.{name}" for path, found in _default_options(ctx).items() for name in found.model_fields]
    return [*records.KEYS, "languages", "seed", "name", *inner, *options]


def _default_options(ctx: click.Context) -> dict[str, Any]:
    """The options of the default components, by their dotted keys: `scorer`, `clusterers.NAME`."""
    found: dict[str, Any] = {}
    for key, node in catalog_of(ctx.find_root().params).defaults.entries:
        record, inner = records.KEYS.get(key.text), getattr(node, "items", None)
        for name in map(label_of, inner if isinstance(inner, tuple) else (node,)) if record else ():
            if record and name in installed().names(record.kind):  # and no short name of another component
                options = installed().get(record.kind, name).component.load("options")
                found |= {key.text if record.single else f"{key.text}.{name}": options} if options else {}
    return found


def _allowed(options: Any, name: str) -> list[str]:
    """The words that an option may be, as a config writes them; none where it may be any text or number."""
    schema = options.model_json_schema()["properties"].get(name, {})
    every = [schema, *schema.get("anyOf", ()), schema.get("items", {})]
    words = [
        str(choice) for one in every for choice in (*one.get("enum", ()), *([one["const"]] if "const" in one else []))
    ]
    return words or (["true", "false"] if any(one.get("type") == "boolean" for one in every) else [])


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
    owner, _, option = key.rpartition(".")
    options = {"calibration": CalibrationSettings, **_default_options(ctx)}.get(owner)
    yield from ((choice, "") for choice in (_allowed(options, option) if options else ()))
