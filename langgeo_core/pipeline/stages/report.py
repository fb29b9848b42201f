"""What exporters make of a run."""

from __future__ import annotations

from langgeo_core.pipeline.stages.context import Context
from langgeo_core.storage.run_folder import Run


def stage_report(context: Context) -> None:
    """Whatever the exporters write."""
    run = Run(context.folder)
    for chosen in context.plan.config.choices["exporters"]:
        written = chosen.build().export(run)
        context.facts.setdefault("exported", {})[chosen.name] = [str(file.relative_to(run.path)) for file in written]
