"""The cells of a plan, each model run once for all of its own."""

from __future__ import annotations

from langgeo_core.calibration.cells import calibrate
from langgeo_core.contract.errors import UserError
from langgeo_core.pipeline.stages.context import USABLE, Context, by_matrix
from langgeo_core.planning.plan import language_rows
from langgeo_core.storage.schema import CELLS, LANGUAGES, REPLICATE_CELLS


def stage_calibrate(context: Context) -> None:
    """languages.csv and cells.csv, and of replicates replicates/cells.csv."""
    plan = context.plan
    context.write(LANGUAGES, language_rows(plan.languages))
    calibrated = calibrate(plan, context.store, context.windows, context.quiet)
    context.incidents.extend(calibrated.incidents)
    context.write(CELLS, [vars(cell) for cell in calibrated.cells])
    if plan.replicates:
        found = zip(calibrated.replicates, plan.replicates, strict=True)
        context.write(REPLICATE_CELLS, [{**vars(result), "replicate": cell.replicate} for result, cell in found])
    count = [cell.status for cell in (*calibrated.cells, *calibrated.replicates)].count
    context.facts.update(cells_calibrated=count("calibrated"), cells_reused=count("reused"))
    for name, group in by_matrix(calibrated.cells):
        usable = [cell.language for cell in group if cell.status in USABLE]
        if len(usable) < 2:
            raise UserError(
                f"{name} has too few languages with statistics ({', '.join(usable) or 'none'}); distances need two",
                "see cells.csv for what was skipped or missing",
            )
