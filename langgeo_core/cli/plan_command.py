"""`langgeo plan`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langgeo_core.cli.common import json_option, load, print_json, text_option
from langgeo_core.cli.completion import CONFIG, OVERRIDES

if TYPE_CHECKING:
    from langgeo_core.plan import Plan
    from langgeo_core.store import Store


@click.command("plan")
@click.argument("config", shell_complete=CONFIG)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=OVERRIDES)
@text_option
@json_option
@click.pass_obj
def command(
    settings: dict[str, Any], config: str, overrides: tuple[str, ...], text_folder: Path | None, as_json: bool
) -> None:
    """Show the cells of CONFIG: which are in the store, which are to be computed, which have no text.

    Example: langgeo plan starter
    """
    from langgeo_core.cache import cache_folder
    from langgeo_core.plan import make_plan
    from langgeo_core.store import Store

    plan = make_plan(load(settings, config, overrides, text_folder))
    states = _states(plan, Store(cache_folder()))
    if as_json:
        print_json(_data(plan, states))
        return
    click.echo(f"{plan.config.settings.name}: {len(plan.languages)} languages, {len(plan.cells)} cells")
    for (model, corpus, state), count in sorted(Counter(states).items()):
        click.echo(f"  {model} x {corpus}: {count} {state}")
    for incident in plan.incidents:
        click.echo(f"  note: {incident.message}")


def _states(plan: Plan, store: Store) -> list[tuple[str, str, str]]:
    return [(cell.model, cell.corpus, _state(cell.key, store)) for cell in plan.cells]


def _state(key: str, store: Store) -> str:
    from langgeo_core.store import DamagedCellError

    if not key:
        return "without text"
    try:
        return "in the store" if store.find(key) else "to calibrate"
    except DamagedCellError:
        return "damaged, to calibrate again"


def _data(plan: Plan, states: list[tuple[str, str, str]]) -> dict[str, Any]:
    cells = [
        {"model": cell.model, "corpus": cell.corpus, "language": cell.language, "state": state[2]}
        for cell, state in zip(plan.cells, states, strict=True)
    ]
    notes = [incident.message for incident in plan.incidents]
    return {"languages": [language.id for language in plan.languages], "cells": cells, "notes": notes}
