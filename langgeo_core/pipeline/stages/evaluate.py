"""The figures of the run and of its baselines, and how far they can be relied on."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

from langgeo_core.contract.errors import LanggeoError
from langgeo_core.contract.types import Metric
from langgeo_core.evaluation.baselines import run_baselines
from langgeo_core.evaluation.clustering import evaluate, evaluation, extra_columns
from langgeo_core.evaluation.language_subsets import Excess, excess_over, k_sweep
from langgeo_core.evaluation.network_distances import network_parts
from langgeo_core.evaluation.reliability import agreement_metrics, language_rows, replicate_metrics
from langgeo_core.pipeline.stages.context import Context
from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.schema import COMPARISONS, K_SWEEP, METRICS, RELIABILITY


def stage_evaluate(context: Context) -> None:
    """metrics.csv, comparisons.csv, k_sweep.csv, baselines/<name>.csv, and with replicates reliability.csv."""
    run, config = Run(context.folder), context.plan.config
    baselines = run_baselines(context.plan, run.distances.ids, context.windows.ids, context.memo)
    context.incidents.extend(baselines.incidents)
    for name, matrix in baselines.distances.items():
        context.write_distances(f"baselines/{name}.csv", matrix)
    given = evaluation(context.plan, run.distances, run.embedding, run.clusterings, run.labels)
    replicates = run.replicates and run.replicates.subset(
        one for one in run.distances.ids if one in run.replicates.languages
    )
    parts = network_parts(run, context.plan)
    metrics = evaluate(context.plan, replace(given, baselines=baselines.distances, parts=parts, replicates=replicates))
    metrics.extend(_reliability(context, run))
    _write_metrics(context, [*metrics, *baselines.metrics])
    found = excess_over(config, given, baselines.evaluations, context.incidents)
    context.write(COMPARISONS, [_excess_row(name, excess) for name, rows in found.items() for excess in rows])
    context.write(K_SWEEP, k_sweep(config.choices["clusterers"], config.choices["evaluators"], given))


def _write_metrics(context: Context, metrics: list[Metric]) -> None:
    more = extra_columns(context.plan.config)
    for metric in metrics:
        if undeclared := [name for name in metric.extras if name not in more]:
            message = f"the evaluator {metric.evaluator} fills columns that its record does not declare: {undeclared}"
            raise LanggeoError(message, "this is a bug in the evaluator; please report it to its authors")
    context.write(METRICS, [metric.row for metric in metrics], more)


def _excess_row(baseline: str, excess: Excess) -> dict[str, Any]:
    evaluator, level, clusterer, metric = excess.question
    values = (baseline, evaluator, clusterer, level, metric, *astuple(excess.difference), excess.n)
    return dict(zip(COMPARISONS.header, values, strict=True))


def _reliability(context: Context, run: Run) -> list[Metric]:
    """What replicates of texts, models and corpora say of each other; reliability.csv for each language."""
    cells = {(cell.model, cell.corpus): f"{cell.model}--{cell.corpus}" for cell in context.plan.cells}
    matrices = {pair: context.distances(f"distances/{name}.csv") for pair, name in cells.items()}
    metrics = agreement_metrics(matrices) if len(matrices) > 1 else []
    if run.replicates is None:
        return metrics
    context.write(RELIABILITY, language_rows(run.replicates))
    return [*replicate_metrics(run.replicates, context.plan.config.settings.seed), *metrics]
