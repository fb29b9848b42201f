"""The command `transfer-table`: measures which language helps which, and writes the table that `transfer` reads."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
import numpy as np

from langgeo_core.api import (
    Plan,
    Store,
    UserError,
    complete,
    config_of,
    json_option,
    make_plan,
    print_json,
    progress,
    text_option,
    write_table,
)
from langgeo_executors.api import Here, Pool, Workers, hand_out
from langgeo_formats.api import find_languages
from langgeo_transfer.study import Float64, Recipe, Study, kept, measure

COLUMNS = ("target", "source", "score", "sd", "seeds", "before")


@click.command("transfer-table")
@click.argument("config", shell_complete=complete)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=complete)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="The CSV file."
)
@click.option("--sources", default="", metavar="LANGUAGES", help="By names or codes, with commas. [default: all]")
@click.option("--targets", default="", metavar="LANGUAGES", help="By names or codes, with commas. [default: all]")
@click.option("--steps", type=click.IntRange(min=1), default=4, show_default=True, help="Steps of AdamW.")
@click.option(
    "--rate", type=click.FloatRange(min=0, min_open=True), default=1e-5, show_default=True, help="Learning rate."
)
@click.option("--batch", type=click.IntRange(min=1), default=4, show_default=True, help="Windows of a step.")
@click.option("--window", type=click.IntRange(min=8), default=128, show_default=True, help="Tokens of a window.")
@click.option("--held-out", type=click.IntRange(min=100), default=2000, show_default=True, help="Bytes to measure on.")
@click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="Orders of the windows learnt.")
@text_option
@json_option
@click.pass_obj
def command(
    settings: dict[str, Any],
    /,
    config: str,
    overrides: tuple[str, ...],
    out: Path,
    sources: str,
    targets: str,
    seeds: int,
    text_folder: Path | None,
    as_json: bool,
    **recipe: Any,
) -> None:
    """Measure transfer with the model and the corpus of CONFIG: it learns a little of a source language, and the loss
    on every target is measured before and after.

    The score is what is taken off the loss, in bits per byte; `sd` is its standard deviation over seeds. The model
    learns from the first half of a text and is measured on the second. What is measured is kept in the store: started
    again, the command goes on. It runs on the executor of the config.

    \b
    Examples:
      langgeo transfer-table starter --sources eng,rus,hin --targets deu,ukr,mar,nep --out scores.csv
      langgeo transfer scores.csv
    """
    resolved = config_of(settings, config, overrides, text_folder)
    study = _study(make_plan(resolved), _ids(sources, "--sources"), _ids(targets, "--targets"), Recipe(**recipe), seeds)
    study.check()
    losses = _losses(study, Store.at(resolved.settings.store), out.absolute().parent, settings["quiet"])
    rows = list(_rows(study, losses))
    write_table(out, COLUMNS, rows)
    found = _summary(study, losses)
    if as_json:
        print_json({"file": str(out), **found})
        return
    click.echo(f"{len(study.sources)} sources, {len(study.targets)} targets, {_counted(seeds, 'seed')}: {out}")
    click.echo(
        f"gains, bits per byte: from {found['least']:.4f} to {found['most']:.4f}, median {found['median']:.4f}"
        + (f"; standard deviation over seeds, median {found['sd']:.4f}" if seeds > 1 else "")
    )
    click.echo(f"compare distances with it: langgeo transfer {out}")


def _ids(written: str, where: str) -> list[str]:
    names = list(dict.fromkeys(filter(None, map(str.strip, written.split(",")))))
    return [language.id for language in find_languages(names, where, synonyms=True).languages.values()] if names else []


def _study(plan: Plan, sources: Sequence[str], targets: Sequence[str], recipe: Recipe, seeds: int) -> Study:
    """Of the languages that the config has; raises UserError naming those that it lacks."""
    able = [cell.language for cell in plan.cells if cell.key and cell.model == next(iter(plan.models))]
    if lacking := [one for one in dict.fromkeys((*sources, *targets)) if one not in able]:
        raise UserError(f"the config has no text of {', '.join(lacking)}", "see its `languages` and its corpus")
    study = Study(plan, tuple(sources or able), tuple(targets or able), recipe, seeds)
    if not any(source != target for source in study.sources for target in study.targets):
        raise UserError("there is no pair of two languages", "name more with --sources or --targets")
    return study


def _losses(study: Study, store: Store, folder: Path, quiet: bool) -> dict[tuple[str, int], Float64]:
    """(targets,) bits per byte of each source and seed, and under ("", 0) before; what the store lacks is measured."""
    passes = study.passes()
    lacking = [one for one in passes if kept(store, one.key) is None]
    items = list(study.items(store, lacking))
    executor = study.plan.config.one("executors").build()
    opened: AbstractContextManager[Pool] = (
        executor.open(folder) if isinstance(executor, Workers) else nullcontext(Here())
    )
    if items:
        total = sum(len(item.addresses) for item in items)
        with opened as pool, progress("transfer", total, quiet) as advance:
            hand_out(pool, measure, items, advance)
    if store.remote:
        store.remote.look_again()
    found = {(one.source, one.seed): kept(store, one.key) for one in passes}
    if empty := [source or "the model as it is" for (source, _), arrays in found.items() if arrays is None]:
        raise UserError(f"workers did not measure {', '.join(empty)}", f"see whether they write to {store.folder}")
    return {one: arrays["bits"] for one, arrays in found.items() if arrays}


def _gains(study: Study, losses: dict[tuple[str, int], Float64]) -> Float64:
    """(sources, targets, seeds); NaN where a source is its own target."""
    found = np.array(
        [[losses["", 0] - losses[source, seed] for seed in range(study.seeds)] for source in study.sources]
    ).transpose(0, 2, 1)
    found[np.equal.outer(study.sources, study.targets)] = np.nan
    return found


def _rows(study: Study, losses: dict[tuple[str, int], Float64]) -> list[dict[str, Any]]:
    gains = _gains(study, losses)
    return [
        {
            "target": target,
            "source": source,
            "score": float(gains[row, column].mean()),
            "sd": float(gains[row, column].std(ddof=1)) if study.seeds > 1 else None,
            "seeds": study.seeds,
            "before": float(losses["", 0][column]),
        }
        for column, target in enumerate(study.targets)
        for row, source in enumerate(study.sources)
        if source != target
    ]


def _summary(study: Study, losses: dict[tuple[str, int], Float64]) -> dict[str, Any]:
    gains = _gains(study, losses)
    pairs = gains[~np.isnan(gains[..., 0])]
    means = pairs.mean(axis=1)
    sd = float(np.median(pairs.std(axis=1, ddof=1))) if study.seeds > 1 else None
    return {
        "sources": len(study.sources), "targets": len(study.targets), "seeds": study.seeds, "least": float(means.min()),
        "most": float(means.max()), "median": float(np.median(means)), "sd": sd,
    }  # fmt: skip


def _counted(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
