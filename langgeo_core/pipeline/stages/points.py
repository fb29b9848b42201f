"""Distances to points, and points to clusters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from langgeo_core.contract.types import Clustering
from langgeo_core.evaluation.clustering import cluster, labels_for
from langgeo_core.pipeline.stages.context import Context, earlier
from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.tables import read_distances, write_table
from langgeo_core.system.files import write_text

CLUSTER_COLUMNS = ("language", "clusterer", "level", "k", "seed", "cluster")


def stage_embed(context: Context) -> None:
    """embedding.csv and embedding.json."""
    distances = read_distances(earlier(context, "distances.csv"))
    embedding = context.plan.config.one("embedders").build().embed(distances)
    axes = [f"axis_{number + 1}" for number in range(embedding.coordinates.shape[1])]
    rows = [
        {"language": identifier, **dict(zip(axes, point, strict=True))}
        for identifier, point in zip(embedding.ids, embedding.coordinates, strict=True)
    ]
    write_table(context.folder / "embedding.csv", ["language", *axes], rows)
    notes = {"eigenvalues": embedding.eigenvalues.tolist(), **embedding.notes}
    write_text(context.folder / "embedding.json", json.dumps(notes, indent=1))


def stage_cluster(context: Context) -> None:
    """labels.json and clusters.csv."""
    embedding = Run(context.folder).embedding
    labels = labels_for(context.plan, embedding.ids)
    write_text(context.folder / "labels.json", json.dumps(labels, ensure_ascii=False, indent=1))
    clusterings = cluster(context.plan.config, embedding, labels)
    rows = [row for clustering in clusterings for row in _cluster_rows(clustering)]
    write_table(context.folder / "clusters.csv", CLUSTER_COLUMNS, rows)


def _cluster_rows(clustering: Clustering) -> Iterator[dict[str, Any]]:
    made = {key: getattr(clustering, key) for key in ("clusterer", "level", "k", "seed")}
    for identifier, label in zip(clustering.ids, clustering.labels, strict=True):
        yield {"language": identifier, **made, "cluster": int(label)}
