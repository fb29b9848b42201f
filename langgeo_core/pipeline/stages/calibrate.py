"""The cells of a plan, each model run once for all of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from langgeo_core.calibration.cells import CellResult, calibrate
from langgeo_core.contract.errors import UserError
from langgeo_core.pipeline.stages.cell_tables import CELL_COLUMNS, USABLE, by_matrix
from langgeo_core.pipeline.stages.context import Context
from langgeo_core.planning.plan import language_rows
from langgeo_core.planning.replicates import BLOCKS, HALVES, Division, piece_of
from langgeo_core.storage.tables import write_table


def stage_calibrate(context: Context) -> None:
    """languages.csv and cells.csv."""
    plan = context.plan
    rows = language_rows(plan.languages)
    write_table(context.folder / "languages.csv", list(rows[0]), rows)
    calibrated = calibrate(replace(plan, cells=(*plan.cells, *plan.parts)), context.store, context.quiet)
    context.incidents.extend(calibrated.incidents)
    whole, parts = calibrated.cells[: len(plan.cells)], calibrated.cells[len(plan.cells) :]
    write_table(context.folder / "cells.csv", CELL_COLUMNS, [vars(cell) for cell in whole])
    for division in (HALVES, BLOCKS):
        _write_parts(context, division, parts)
    count = [cell.status for cell in calibrated.cells].count
    context.facts.update(cells_calibrated=count("calibrated"), cells_reused=count("reused"))
    _check_enough(whole)


def _write_parts(context: Context, division: Division, results: Sequence[CellResult]) -> None:
    """half_cells.csv or block_cells.csv; none where the plan has no such parts, whatever another config left."""
    found = zip(results, context.plan.parts, strict=True)
    rows = [{**vars(one), division.name: piece_of(cell.part)} for one, cell in found if cell.part in division.parts]
    file = context.folder / f"{division.name}_cells.csv"
    if rows:
        write_table(file, (*CELL_COLUMNS, division.name), rows)
    else:
        file.unlink(missing_ok=True)


def _check_enough(cells: Sequence[CellResult]) -> None:
    for name, group in by_matrix(cells):
        usable = [cell.language for cell in group if cell.status in USABLE]
        if len(usable) < 2:
            raise UserError(
                f"{name} has too few languages with statistics ({', '.join(usable) or 'none'}); distances need two",
                "see cells.csv for what was skipped or missing",
            )
