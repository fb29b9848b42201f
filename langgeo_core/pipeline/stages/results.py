"""The stages from distances to results: embed, cluster, evaluate, report."""

from __future__ import annotations

import json
from dataclasses import replace

from langgeo_core.contract.errors import LanggeoError, NumericalError, UserError
from langgeo_core.contract.protocols import Reliability
from langgeo_core.contract.records import Evaluator
from langgeo_core.contract.types import Embedding
from langgeo_core.evaluation.baselines import run_baselines
from langgeo_core.evaluation.clustering import cluster, evaluate, evaluation, extra_columns, labels_for
from langgeo_core.evaluation.network_distances import network_parts
from langgeo_core.pipeline.stages.context import Context
from langgeo_core.plugins.registry import components
from langgeo_core.storage.schema import CLUSTERS, COMPARISONS, K_SWEEP, METRICS, RELIABILITY, write_table
from langgeo_core.system.files import write_text


def stage_embed(context: Context) -> None:
    """embedding.csv and embedding.json."""
    matrix, distances = context.plan.matrix, context.run.distances
    try:
        embedding = context.plan.config.one("embedders").build().embed(distances.moderate())
    except NumericalError as failure:
        if matrix is None or distances.complete:
            raise
        if any(context.plan.config.choices[kind] for kind in ("evaluators", "clusterers", "exporters")):
            hint = "give every pair, or leave these languages out in `languages`"
            raise UserError(f"{matrix.file}: pairs are missing: {failure.message}", hint) from failure
        embedding = Embedding(distances.ids, distances.values[:, :0])  # nothing reads points
    axes = [f"axis_{number + 1}" for number in range(embedding.coordinates.shape[1])]
    points = zip(embedding.ids, embedding.coordinates, strict=True)
    rows = [{"language": identifier, **dict(zip(axes, point, strict=True))} for identifier, point in points]
    write_table(context.new("embedding.csv"), ["language", *axes], rows)
    notes = {"eigenvalues": embedding.eigenvalues.tolist(), **embedding.notes}
    write_text(context.new("embedding.json"), json.dumps(notes, indent=1))


def stage_cluster(context: Context) -> None:
    """labels.json and clusters.csv."""
    embedding = context.run.embedding
    labels = labels_for(context.plan, embedding.ids)
    write_text(context.new("labels.json"), json.dumps(labels, ensure_ascii=False, indent=1))
    rows = [
        {"language": identifier, **vars(clustering), "cluster": int(label)}
        for clustering in cluster(context.plan.config, embedding, labels)
        for identifier, label in zip(clustering.ids, clustering.labels, strict=True)
    ]
    context.write(CLUSTERS, rows)


def stage_evaluate(context: Context) -> None:
    """metrics.csv, comparisons.csv, k_sweep.csv, baselines/<name>.csv, and with replicates reliability.csv."""
    run, plan, config = context.run, context.plan, context.plan.config
    baselines = run_baselines(plan, run.distances.ids, context.windows.ids, context.memo)
    context.incidents.extend(baselines.incidents)
    for name, matrix in baselines.distances.items():
        context.write_distances(f"baselines/{name}.csv", matrix)
    given = evaluation(plan, run.distances, run.embedding, run.clusterings, run.labels)
    replicates = run.replicates and run.replicates.subset(
        one for one in run.distances.ids if one in run.replicates.languages
    )
    parts = network_parts(run, plan)
    metrics = evaluate(plan, replace(given, baselines=baselines.distances, parts=parts, replicates=replicates))
    pairs, matrices = dict.fromkeys((cell.model, cell.corpus) for cell in plan.cells), run.cell_distances
    brought = next((one for one in components("evaluators") if isinstance(one, Evaluator) and one.reliability), None)
    if brought is None:
        raise UserError("no plugin has the figures of replicates", "reinstall langgeo: its plugin for them is missing")
    reliability: Reliability = brought.load("reliability")()
    if run.replicates:
        context.write(RELIABILITY, reliability.rows(run.replicates))
    by_pair = {pair: matrices["--".join(pair)] for pair in pairs}
    metrics.extend(reliability.metrics(run.replicates, by_pair, config.settings.seed))
    metrics.extend(baselines.metrics)
    more = extra_columns(config)
    for metric in metrics:
        if undeclared := [name for name in metric.extras if name not in more]:
            message = f"the evaluator {metric.evaluator} fills columns that its record does not declare: {undeclared}"
            raise LanggeoError(message, "this is a bug in the evaluator; please report it to its authors")
    context.write(METRICS, [metric.row for metric in metrics], more)
    rows = reliability.comparisons(config, given, baselines.evaluations, context.incidents)
    context.write(COMPARISONS, rows)
    context.write(K_SWEEP, reliability.sweep(config, given))


def stage_report(context: Context) -> None:
    """The files of the chosen exporters."""
    run = context.run
    for chosen in context.plan.config.choices["exporters"]:
        written = chosen.build().export(run)
        context.facts.setdefault("exported", {})[chosen.name] = [str(file.relative_to(run.path)) for file in written]
