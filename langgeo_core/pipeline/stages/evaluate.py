"""The figures of the run and of its baselines, and how far they can be relied on."""

from __future__ import annotations

from dataclasses import asdict, astuple, replace
from typing import Any

from langgeo_core.contract.types import Metric
from langgeo_core.evaluation.baselines import run_baselines
from langgeo_core.evaluation.clustering import evaluate, evaluation
from langgeo_core.evaluation.k_sweep import COLUMNS as SWEEP_COLUMNS, k_sweep
from langgeo_core.evaluation.language_subsets import Excess, excess_over
from langgeo_core.evaluation.network_distances import network_parts
from langgeo_core.evaluation.reliability import LANGUAGE_COLUMNS, agreement_metrics, language_rows, replicate_metrics
from langgeo_core.pipeline.stages.context import Context, earlier
from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.tables import read_distances, write_table

METRIC_COLUMNS = (
    "source", "evaluator", "clusterer", "level", "metric", "value", "sd", "seeds", "null_mean", "null_sd", "p",
    "ci_low", "ci_high", "n", "k", "script_null_mean", "script_null_sd", "script_p", "distinct", "distinct_n",
)  # fmt: skip
EXCESS_COLUMNS = ("baseline", "evaluator", "clusterer", "level", "metric", "delta", "low", "high", "p", "n")


def stage_evaluate(context: Context) -> None:
    """metrics.csv, comparisons.csv, k_sweep.csv, baselines/<name>.csv, and with replicates reliability.csv."""
    run = Run(context.folder)
    baselines = run_baselines(
        context.plan, run.distances.ids, context.folder / "baselines", context.windows.ids, context.memo
    )
    context.incidents.extend(baselines.incidents)
    given = evaluation(context.plan, run.distances, run.embedding, run.clusterings, run.labels)
    parts = network_parts(run, context.plan)
    replicates = run.replicates and run.replicates.subset(
        one for one in run.distances.ids if one in run.replicates.languages
    )
    metrics = evaluate(context.plan, replace(given, baselines=baselines.distances, parts=parts, replicates=replicates))
    metrics.extend(_reliability(context, run))
    rows = [asdict(metric) for metric in (*metrics, *baselines.metrics)]
    write_table(context.folder / "metrics.csv", METRIC_COLUMNS, rows)
    config = context.plan.config
    found = excess_over(config, given, baselines.evaluations, context.incidents)
    excesses = [_excess_row(name, excess) for name, rows in found.items() for excess in rows]
    write_table(context.folder / "comparisons.csv", EXCESS_COLUMNS, excesses)
    other_k = k_sweep(config.choices["clusterers"], config.choices["evaluators"], given)
    write_table(context.folder / "k_sweep.csv", SWEEP_COLUMNS, other_k)


def _excess_row(baseline: str, excess: Excess) -> dict[str, Any]:
    evaluator, level, clusterer, metric = excess.question
    values = (baseline, evaluator, clusterer, level, metric, *astuple(excess.difference), excess.n)
    return dict(zip(EXCESS_COLUMNS, values, strict=True))


def _reliability(context: Context, run: Run) -> list[Metric]:
    """What replicates of texts, models and corpora say of each other; reliability.csv for each language."""
    cells = {(cell.model, cell.corpus): f"{cell.model}--{cell.corpus}" for cell in context.plan.cells}
    matrices = {pair: read_distances(earlier(context, f"distances/{name}.csv")) for pair, name in cells.items()}
    metrics = agreement_metrics(matrices) if len(matrices) > 1 else []
    file = context.folder / "reliability.csv"
    if run.replicates is None:
        file.unlink(missing_ok=True)
        return metrics
    write_table(file, LANGUAGE_COLUMNS, language_rows(run.replicates))
    return [*replicate_metrics(run.replicates, context.plan.config.settings.seed), *metrics]
