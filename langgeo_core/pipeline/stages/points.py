"""What comes of distances: points, clusters, and what exporters make of a run."""

from __future__ import annotations

import json

from langgeo_core.evaluation.clustering import cluster, labels_for
from langgeo_core.pipeline.stages.context import Context
from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.schema import CLUSTERS, write_table
from langgeo_core.system.files import write_text


def stage_embed(context: Context) -> None:
    """embedding.csv and embedding.json."""
    embedding = context.plan.config.one("embedders").build().embed(context.distances("distances.csv"))
    axes = [f"axis_{number + 1}" for number in range(embedding.coordinates.shape[1])]
    rows = [
        {"language": identifier, **dict(zip(axes, point, strict=True))}
        for identifier, point in zip(embedding.ids, embedding.coordinates, strict=True)
    ]
    write_table(context.new("embedding.csv"), ["language", *axes], rows)
    notes = {"eigenvalues": embedding.eigenvalues.tolist(), **embedding.notes}
    write_text(context.new("embedding.json"), json.dumps(notes, indent=1))


def stage_cluster(context: Context) -> None:
    """labels.json and clusters.csv."""
    embedding = Run(context.folder).embedding
    labels = labels_for(context.plan, embedding.ids)
    write_text(context.new("labels.json"), json.dumps(labels, ensure_ascii=False, indent=1))
    rows = [
        {"language": identifier, **vars(clustering), "cluster": int(label)}
        for clustering in cluster(context.plan.config, embedding, labels)
        for identifier, label in zip(clustering.ids, clustering.labels, strict=True)
    ]
    context.write(CLUSTERS, rows)


def stage_report(context: Context) -> None:
    """The files of the chosen exporters."""
    run = Run(context.folder)
    for chosen in context.plan.config.choices["exporters"]:
        written = chosen.build().export(run)
        context.facts.setdefault("exported", {})[chosen.name] = [str(file.relative_to(run.path)) for file in written]
