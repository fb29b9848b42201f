"""`langgeo plan`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langgeo_core.cli.common import catalog_of, config_of, json_option, print_json, text_option
from langgeo_core.cli.completion import CONFIG, OVERRIDES

if TYPE_CHECKING:
    from langgeo_core.planning.plan import Plan, PlannedCell
    from langgeo_core.storage.store import Store
    from langgeo_forecast.predict import Forecast

LACKING, AWAY, STORED = "without text", "not downloaded yet", "in the store"


@click.command("plan")
@click.argument("config", shell_complete=CONFIG)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=OVERRIDES)
@text_option
@click.option("--no-probe", is_flag=True, help="Guess how fast this machine is instead of measuring it.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="TFLOPS",
    help="Matrix products in 10¹² operations a second, of another machine; measures nothing.",
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
    as_json: bool,
) -> None:
    """Show the cells of CONFIG, and predict what calibrating them takes; downloads nothing and loads no model.

    Which cells are in the store, which are to be computed, what is not downloaded yet and which languages a corpus
    lacks; time, memory and disk by arithmetic on the shapes of the models, at the rate of matrix products that this
    machine shows in five seconds.

    \b
    Examples:
      langgeo plan starter
      langgeo plan study-106 --rate 400
    """
    from langgeo_core.planning.plan import make_plan
    from langgeo_core.storage.store import Store
    from langgeo_core.system.cache import cache_folder
    from langgeo_forecast.predict import forecast

    plan = make_plan(config_of(settings, config, overrides, text_folder), whole=False)
    states = {cell: _state(cell, Store(cache_folder())) for cell in (*plan.cells, *plan.replicates)}
    unfilled = _unfilled(states)
    given = 0.0 if no_probe else None
    found = forecast(plan, unfilled, catalog_of(settings), rate * 1e12 if rate else given)
    if as_json:
        print_json(_data(plan, states, found))
        return
    for line in (*_cell_lines(plan, states), *_forecast_lines(plan, found)):
        click.echo(line)


def _state(cell: PlannedCell, store: Store) -> str:
    from langgeo_core.storage.store import DamagedCellError

    if not cell.here:
        return AWAY
    if not cell.key:
        return LACKING
    try:
        return STORED if store.find(cell.key) else "to calibrate"
    except DamagedCellError:
        return "damaged, to calibrate again"


def _unfilled(states: dict[PlannedCell, str]) -> list[PlannedCell]:
    """The cells that a run would calibrate; of equal ones the first."""
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
            yield f"  {corpus} lacks {', '.join(languages)}"
    for incident in plan.incidents:
        if "has no text in" not in incident.message:
            yield f"  note: {incident.message}"
    for name, absence in plan.absent.items():
        yield f"  {name}: {absence.what}"
        yield f"    {'a run downloads it' if absence.comes else absence.how}"
    if AWAY in states.values():
        yield "  whether cells of what is not here are in the store can be told once it is"


def _forecast_lines(plan: Plan, found: Forecast) -> Iterator[str]:
    from langgeo_forecast.wording import lines

    for name in found.unknown:
        yield f"  {name}: its shape is unknown: no config.json here, and no model_facts in the registry"
    if found.rates:
        yield from lines(plan.config.settings.calibration, found)


def _data(plan: Plan, states: dict[PlannedCell, str], found: Forecast) -> dict[str, Any]:
    from dataclasses import asdict

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
