"""The cells of a plan, each model run once for all of its own."""

from __future__ import annotations

from collections.abc import Sequence

from langgeo_core.calibration.cells import CellResult, calibrate
from langgeo_core.contract.errors import UserError
from langgeo_core.pipeline.stages.cell_tables import CELL_COLUMNS, REPLICATES, USABLE, by_matrix
from langgeo_core.pipeline.stages.context import Context
from langgeo_core.planning.plan import language_rows
from langgeo_core.storage.tables import remove_others, write_table


def stage_calibrate(context: Context) -> None:
    """languages.csv and cells.csv, and of replicates replicates/cells.csv."""
    plan = context.plan
    rows = language_rows(plan.languages)
    write_table(context.folder / "languages.csv", list(rows[0]), rows)
    calibrated = calibrate(plan, context.store, context.windows, context.quiet)
    context.incidents.extend(calibrated.incidents)
    write_table(context.folder / "cells.csv", CELL_COLUMNS, [vars(cell) for cell in calibrated.cells])
    if plan.replicates:
        found = zip(calibrated.replicates, plan.replicates, strict=True)
        pieces = [{**vars(result), "replicate": cell.replicate} for result, cell in found]
        write_table(context.folder / REPLICATES / "cells.csv", (*CELL_COLUMNS, "replicate"), pieces)
    else:
        remove_others(context.folder / REPLICATES, ())
    count = [cell.status for cell in (*calibrated.cells, *calibrated.replicates)].count
    context.facts.update(cells_calibrated=count("calibrated"), cells_reused=count("reused"))
    _check_enough(calibrated.cells)


def _check_enough(cells: Sequence[CellResult]) -> None:
    for name, group in by_matrix(cells):
        usable = [cell.language for cell in group if cell.status in USABLE]
        if len(usable) < 2:
            raise UserError(
                f"{name} has too few languages with statistics ({', '.join(usable) or 'none'}); distances need two",
                "see cells.csv for what was skipped or missing",
            )
