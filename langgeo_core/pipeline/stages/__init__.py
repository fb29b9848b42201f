"""The stages of a run, in order. Each reads files of earlier stages from the run folder and writes its own."""

from __future__ import annotations

from collections.abc import Callable

from langgeo_core.pipeline.stages.aggregate import stage_aggregate
from langgeo_core.pipeline.stages.calibrate import stage_calibrate
from langgeo_core.pipeline.stages.compare import stage_compare
from langgeo_core.pipeline.stages.context import Context
from langgeo_core.pipeline.stages.evaluate import stage_evaluate
from langgeo_core.pipeline.stages.points import stage_cluster, stage_embed
from langgeo_core.pipeline.stages.report import stage_report

Stage = Callable[[Context], None]

STAGES: dict[str, Stage] = {
    "calibrate": stage_calibrate,
    "compare": stage_compare,
    "aggregate": stage_aggregate,
    "embed": stage_embed,
    "cluster": stage_cluster,
    "evaluate": stage_evaluate,
    "report": stage_report,
}
