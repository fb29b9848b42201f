"""`langgeo plan`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langgeo_core.api import (
    CalibrationSettings,
    DamagedCellError,
    Plan,
    PlannedCell,
    ResolvedConfig,
    Store,
    catalog_of,
    complete,
    config_of,
    json_option,
    make_plan,
    print_json,
    print_wrapped,
    text_option,
)
from langgeo_forecast.shares import share, texts_of
from langgeo_report.api import duration

if TYPE_CHECKING:
    from langgeo_forecast.forecast import AmongReplicates, Forecast, ModelForecast

LACKING, AWAY, STORED = "without text", "not downloaded yet", "in the store"


@click.command("plan")
@click.argument("config", shell_complete=complete)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=complete)
@text_option
@click.option("--no-probe", is_flag=True, help="Guess the speed of this machine instead of measuring it.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="TFLOPS",
    help="Predict for a machine of this speed, in 10¹² operations a second, instead of measuring.",
)
@click.option(
    "--shards", type=click.IntRange(min=1), metavar="N", help="Show the shares of `calibrate --shard K/N` instead."
)
@json_option
@click.pass_obj
def command(
    settings: dict[str, Any],
    config: str,
    overrides: tuple[str, ...],
    text_folder: Path | None,
    no_probe: bool,
    rate: float | None,
    shards: int | None,
    as_json: bool,
) -> None:
    """Show the cells of CONFIG and predict time, memory and disk. Downloads nothing and loads no model.

    It shows which cells are in the store, which have to be calibrated, what is not downloaded yet, and which languages
    have no text in a corpus. The predictions follow from the shapes of the models and the speed at which this machine
    multiplies matrices, which is measured for five seconds.

    \b
    Examples:
      langgeo plan starter
      langgeo plan study-106 --rate 400
      langgeo plan study-106 --shards 8 --json
    """
    resolved = config_of(settings, config, overrides, text_folder)
    if shards:
        _show_shards(resolved, shards, as_json)
        return
    from langgeo_forecast.forecast import forecast  # torch takes seconds to import, which `--help` need not wait for

    plan = make_plan(resolved, whole=False)
    store = Store.at(resolved.settings.store)
    states = {cell: _state(cell, store) for cell in (*plan.cells, *plan.replicates)}
    unfilled = _unfilled(states)
    given = 0.0 if no_probe else None
    found = forecast(plan, unfilled, catalog_of(settings), rate * 1e12 if rate else given)
    if as_json:
        print_json(_data(plan, states, found))
        return
    for line in (*_cell_lines(plan, states), *_forecast_lines(plan, found)):
        print_wrapped(line)


def _show_shards(config: ResolvedConfig, count: int, as_json: bool) -> None:
    """The texts of each share, by model and corpus; nothing is read, so what is stored already is among them."""
    texts = texts_of(config)
    found = []
    for number in range(1, count + 1):
        own = share(texts, number, count)
        parts = [
            {"model": model, "corpus": corpus, "languages": [text.language for text in group]}
            for (model, corpus), group in groupby(own, key=lambda text: text[:2])
        ]
        found.append({"shard": f"{number}/{count}", "texts": len(own), "parts": parts})
        if not as_json:
            told = "; ".join(f"{part['model']} {part['corpus']} {len(part['languages'])}" for part in parts)
            click.echo(f"{number}/{count}  {len(own)} texts: {told}")
    if as_json:
        print_json(found)


def _state(cell: PlannedCell, store: Store) -> str:
    if not cell.here:
        return AWAY
    if not cell.key:
        return LACKING
    try:
        return STORED if store.first(cell.keys) else "to calibrate"
    except DamagedCellError:
        return "damaged, to calibrate again"


def _unfilled(states: dict[PlannedCell, str]) -> list[PlannedCell]:
    """The cells that a run would calibrate; duplicates count once, where they come first."""
    wanted = {cell.key or cell: cell for cell, state in reversed(states.items()) if state not in (LACKING, STORED)}
    return list(reversed(wanted.values()))


def _lacking(plan: Plan) -> dict[str, list[str]]:
    """The languages that each corpus has no text in."""
    first = next(iter(plan.models), "")
    cells = [cell for cell in plan.cells if cell.model == first and cell.here and not cell.key]
    return {corpus: [cell.language for cell in cells if cell.corpus == corpus] for corpus in plan.corpora}


def _cell_lines(plan: Plan, states: dict[PlannedCell, str]) -> Iterator[str]:
    yield f"{plan.config.settings.name}: {len(plan.languages)} languages, {len(plan.cells)} cells"
    counted = Counter((cell.model, cell.corpus, states[cell]) for cell in plan.cells)
    for (model, corpus, state), count in sorted(counted.items()):
        yield f"  {model} x {corpus}: {count} {state}"
    for state, count in sorted(Counter(states[cell] for cell in plan.replicates).items()):
        yield f"  replicates of texts: {count} {state}"
    for corpus, languages in _lacking(plan).items():
        if languages:
            yield f"  {corpus} has no text in {', '.join(languages)}"
    for incident in plan.incidents:
        if "has no text in" not in incident.message:
            yield f"  note: {incident.message}"
    for name, absence in plan.absent.items():
        yield f"  {name}: {absence.what}"
        yield f"    {'a run downloads or makes it' if absence.comes else absence.how}"
    if AWAY in states.values():
        yield "  cache status is unknown until models and texts are downloaded"


def _forecast_lines(plan: Plan, found: Forecast) -> Iterator[str]:
    for name in found.unknown:
        yield f"  {name}: unknown shape: it has no config.json on this machine and no model_facts in the registry"
    if found.replicates:
        yield from _replicate_lines(found.replicates)
    if found.rates:
        yield from _predicted(plan.config.settings.calibration, found)


def _replicate_lines(found: AmongReplicates) -> Iterator[str]:
    takes = f"{in_bytes(found.memory)} of memory, {in_bytes(found.disk)} of disk"
    longest = f", a transform of them up to {duration(found.seconds)}" if found.seconds else ""
    yield f"  distances among {found.count:,} replicates: {takes}{longest}"


def _data(plan: Plan, states: dict[PlannedCell, str], found: Forecast) -> dict[str, Any]:
    cells = [
        {"model": cell.model, "corpus": cell.corpus, "language": cell.language, "state": states[cell]}
        for cell in plan.cells
    ]
    return {
        "languages": [language.id for language in plan.languages],
        "cells": cells,
        "lacking": _lacking(plan),
        "absent": {name: asdict(absence) for name, absence in plan.absent.items()},
        "prediction": {**asdict(found), "seconds": found.seconds, "process": found.process, "disk": found.disk},
        "notes": [incident.message for incident in plan.incidents],
    }


def _predicted(settings: CalibrationSettings, found: Forecast) -> Iterator[str]:
    """Lines for each model and the totals."""
    assert found.rates is not None
    forward, sums = in_flops(found.rates.forward), in_flops(found.rates.sums)
    rates = forward if forward == sums else f"{forward} forward, {sums} for sums"
    yield f"prediction for {found.device}, {rates} ({found.rates.source}), {settings.dtype}:"
    for model in found.models:
        yield from _model_lines(model, found.device)
    total = f"total: {duration(found.seconds)}, {in_bytes(found.process)} of memory, {in_bytes(found.disk)} of disk"
    yield f"  {total}; without reading texts, evaluation and report"
    yield "  whether the texts are long enough says `langgeo validate`, which reads them"
    if settings.unit != "tokens":
        yield f"  the number of tokens in {settings.tokens} {settings.unit} is estimated"


def _model_lines(model: ModelForecast, device: str) -> Iterator[str]:
    disk, peak = model.disk, model.peak
    if model.cells:
        each = f", {duration(model.calibrating / model.cells)} each" if model.cells > 1 else ""
        yield (
            f"  {model.model}: {model.cells:g} cells in {duration(model.calibrating)}{each}; "
            f"comparing {duration(model.comparing)}"
        )
        where = "" if device == "cpu" else f", {in_bytes(peak.device)} of it on the GPU"
        most = in_bytes(max(peak.process, model.later))
        yield f"    memory {most} ({peak.mode}{where})"
    parts = (
        ("statistics", disk.statistics),
        ("sums of distances", disk.partials),
        ("download", disk.download),
        ("converted weights", disk.converted),
    )
    yield f"    disk {', '.join(f'{name} {in_bytes(size)}' for name, size in parts if size)}; shape from {model.source}"


def in_bytes(count: float) -> str:
    """
    Examples
    --------
    >>> in_bytes(14.5e9), in_bytes(3_400_000)
    ('14.5 GB', '3.4 MB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} bytes"


def in_flops(rate: float) -> str:
    """
    Examples
    --------
    >>> in_flops(1.2e11), in_flops(4e14)
    ('120 GFLOP/s', '400 TFLOP/s')
    """
    return f"{rate / 1e12:.3g} TFLOP/s" if rate >= 1e12 else f"{rate / 1e9:.3g} GFLOP/s"
