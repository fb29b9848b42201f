"""`langgeo calibrate` and `langgeo status`."""

from __future__ import annotations

import time
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from langgeo_core.api import (
    Needs,
    RunWindows,
    StorageError,
    Store,
    UserError,
    calibrate,
    complete,
    config_of,
    json_option,
    make_plan,
    print_json,
    show_notices,
    text_option,
)
from langgeo_executors.items import narrowed
from langgeo_forecast.api import share, texts_of

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: the store was not there, and may be again."""
RECENT = 600.0
"""Seconds that the speed is measured over."""


class _Shard(click.ParamType[tuple[int, int]]):
    name = "K/N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """(K, N), 1 ≤ K ≤ N."""
        number, _, count = str(value).partition("/")
        if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            self.fail(f"{value!r} is no share: write 3/8 for the third of eight", param, ctx)
        return int(number), int(count)


@click.command("calibrate")
@click.argument("config", shell_complete=complete)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=complete)
@click.option("--shard", type=_Shard(), metavar="K/N", help="The K-th of N shares, in this process.")
@text_option
@click.pass_context
def calibrate_command(
    ctx: click.Context,
    config: str,
    overrides: tuple[str, ...],
    shard: tuple[int, int] | None,
    text_folder: Path | None,
) -> None:
    """Fill the cells of CONFIG in the store, and make no distances. A run finds them there.

    With --shard it fills one of N shares that are about equal, for job arrays and workflow managers. It ends with 0
    when they are filled, with 75 where the store could not be reached and another try may help, else with 1 or 2.

    \b
    Examples:
      langgeo calibrate starter-small
      langgeo calibrate study-106 --shard 3/8
    """
    settings = ctx.obj
    resolved = config_of(settings, config, overrides, text_folder)
    if not settings["quiet"]:
        show_notices()
    try:
        counted = _calibrated(resolved, shard, settings["quiet"])
    except StorageError as failure:
        click.echo(f"error: {failure}", err=True)
        ctx.exit(TRY_AGAIN)
    told = ", ".join(f"{number} {status}" for status, number in sorted(counted.items())) or "no cells"
    click.echo(f"{'share {}/{}: '.format(*shard) if shard else ''}{told}")


def _calibrated(config: Any, shard: tuple[int, int] | None, quiet: bool) -> Counter[str]:
    """The number of cells by how they ended."""
    store, counted = Store.at(config.settings.store), Counter[str]()
    if shard is None:
        plan = make_plan(config)
        executors = [chosen.build() for chosen in config.choices.get("executors", ())]
        elsewhere = [one.elsewhere(plan, store, store.folder, quiet) for one in executors]
        found = calibrate(plan, store, RunWindows(plan), quiet, *elsewhere)
        return Counter(cell.status for cell in (*found.cells, *found.replicates))
    for (model, corpus), texts in groupby(share(texts_of(config), *shard), key=lambda text: text[:2]):
        languages = [text.language for text in texts]
        plan = make_plan(narrowed(config, model, corpus), needs=Needs.of(config), languages=languages)
        found = calibrate(plan, store, RunWindows(plan), quiet)
        counted.update(cell.status for cell in (*found.cells, *found.replicates))
    return counted


@click.command("status")
@click.argument("run", metavar="RUN_OR_CONFIG", shell_complete=complete)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=complete)
@json_option
@click.pass_obj
def status_command(settings: dict[str, Any], run: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Say how many cells of a run's folder or of a config are in the store, who filled them, and what is left.

    It reads the store alone, so it can be asked from any terminal and of work on any machine.

    \b
    Examples:
      langgeo status runs/study-106
      langgeo status study-106 --json
    """
    folder = Path(run)
    config = folder / "config.yaml" if folder.is_dir() else folder
    if folder.is_dir() and not config.is_file():
        raise UserError(f"{folder} has no config.yaml: it holds no run", "give the folder of a run, or a config")
    resolved = config_of(settings, str(config), overrides)
    plan = make_plan(resolved, whole=False)
    found = _states(
        Store.at(resolved.settings.store),
        [cell.keys for cell in {cell.key: cell for cell in (*plan.cells, *plan.replicates) if cell.key}.values()],
    )
    if as_json:
        print_json(found)
        return
    click.echo(f"{found['filled']} of {found['cells']} cells are filled")
    for name, number in found["by"].items():
        click.echo(f"  {number} by {name}")
    if rate := found["tokens_a_second"]:
        left = f", about {found['seconds_left'] / 60:.0f} minutes left" if found["seconds_left"] else ""
        click.echo(f"{rate:,.1f} tokens a second in the last minutes{left}")


def _note(store: Store, keys: tuple[str, ...]) -> dict[str, Any] | None:
    """The record of a cell; None where there is none that can be read, so that a run computes it again."""
    try:
        return next(filter(None, map(store.note, keys)), None)
    except (OSError, ValueError, KeyError):
        return None


def _states(store: Store, addresses: list[tuple[str, ...]]) -> dict[str, Any]:
    """How many of the cells are filled, and how fast the last ones were."""
    now = time.time()
    by: Counter[str] = Counter()
    filled, recent, tokens, began = 0, 0, 0, now
    for keys in addresses:
        if note := _note(store, keys):
            filled += 1
            by[note.get("by", "an earlier version")] += 1
            if now - (saved := note.get("saved", 0.0)) < RECENT:
                recent, tokens, began = recent + 1, tokens + note["tokens"], min(began, saved - note["seconds"])
    left = len(addresses) - filled
    return {
        "cells": len(addresses),
        "filled": filled,
        "by": dict(by.most_common()),
        "tokens_a_second": tokens / (now - began) if recent else None,
        "seconds_left": left * (now - began) / recent if recent else None,
    }
