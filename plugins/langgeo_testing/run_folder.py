"""A folder as a finished run leaves it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from langgeo_core.contract.types import Clustering, DistanceMatrix, Embedding, Language, Metric
from langgeo_core.storage import schema
from langgeo_core.storage.tables import write_distances, write_table
from langgeo_testing.world import IDS, Labels, evaluation, languages


def write_run(folder: Path) -> Path:
    """Every table of a finished run of the twelve languages, one model and one corpus."""
    known = languages()
    labels: Labels = {"family": tuple(one.family or None for one in known)}
    run = evaluation(known, labels)
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    for name, content in (("run.json", _record()), ("labels.json", labels), ("embedding.json", {"eigenvalues": []})):
        (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
    write_distances(folder / "distances.csv", run.distances)
    write_distances(folder / "distances" / "model--corpus.csv", run.distances)
    _write_partials(folder / "distances" / "model--corpus.safetensors", run.distances)
    schema.LANGUAGES.write(
        folder / "languages.csv", [{**asdict(one), "lineage": "/".join(one.lineage)} for one in known]
    )
    _write_points(folder / "embedding.csv", run.embedding)
    _write_clusters(folder / "clusters.csv", run.clusterings)
    schema.METRICS.write(folder / "metrics.csv", [metric.row for metric in _metrics()])
    for table, entries in ((schema.COMPARISONS, [EXCEEDS]), (schema.K_SWEEP, [SWEPT]), (schema.KEPT, _kept()),
                           (schema.CELLS, _cells(known))):  # fmt: skip
        table.write(folder / table.name, [dict(zip(table.header, row, strict=True)) for row in entries])
    return folder


CONFIG = "name: example\nscorer: sparsegpt\nquantizer: median\ndistance: hamming\naggregator: mean\n"
EXCEEDS = ("char-ngrams", "glottolog", "", "family", "nn1", 0.1, -0.1, 0.3, 0.4, len(IDS))
SWEPT = ("glottolog", "kmeans", "family", "ari", 2, 0.4, 0.1, 3)


def _kept() -> list[tuple[object, ...]]:
    modules = ("q_proj", "down_proj")
    return [("model", "corpus", f"layers.{layer}.{module}", layer, module, 16, 16, 0.5, 0.4, 0.6)
            for layer in range(2) for module in modules]  # fmt: skip


def _cells(known: tuple[Language, ...]) -> list[tuple[object, ...]]:
    return [("model", "corpus", one.id, "calibrated", 128, 0.1, f"{'0' * 64}.safetensors", "0" * 64) for one in known]


def _write_partials(file: Path, distances: DistanceMatrix) -> None:
    """As many differing weights in each of the four matrices as make the distances."""
    partials = np.stack([distances.values * 16 * 16] * len(_kept()))[:, None]
    kept = np.full((len(partials), len(distances.ids)), 0.5)
    names = {"languages": json.dumps(distances.ids), "matrices": json.dumps([row[2] for row in _kept()])}
    file.write_bytes(save({"partials": partials, "kept": kept}, metadata=names))


def _write_points(file: Path, embedding: Embedding) -> None:
    axes = [f"axis_{axis + 1}" for axis in range(embedding.coordinates.shape[1])]
    points = zip(embedding.ids, embedding.coordinates, strict=True)
    write_table(
        file, ["language", *axes], [{"language": name, **dict(zip(axes, row, strict=True))} for name, row in points]
    )


def _write_clusters(file: Path, clusterings: tuple[Clustering, ...]) -> None:
    rows = (
        {"language": name, **vars(one), "cluster": int(label)}
        for one in clusterings
        for name, label in zip(one.ids, one.labels, strict=True)
    )
    schema.CLUSTERS.write(file, rows)


def _metrics() -> list[Metric]:
    tested: dict[str, Any] = {"null_mean": 0.0, "null_sd": 0.1, "p": 0.01, "ci_low": 0.2, "ci_high": 0.6}
    return [
        Metric("glottolog", "ari", 0.4, len(IDS), "kmeans", "family", sd=0.05, seeds=2, k=3, **tested),
        Metric("glottolog", "nn1", 0.8, len(IDS), level="family", **tested),
        Metric("glottolog", "nn1", 0.7, len(IDS), level="family", source="char-ngrams", **tested),
    ]


def _record() -> dict[str, object]:
    component = {"component": "example", "distribution": "langgeo", "version": "0", "summary": "", "source": ""}
    made_up = {"licence": "CC0-1.0", "source": "made up"}
    kinds = ("scorers", "quantizers", "distances", "aggregators", "embedders", "clusterers", "evaluators", "baselines")
    return {
        "name": "example",
        "status": "done",
        "started": "2025-01-01T00:00:00+00:00",
        "langgeo": "0",
        "versions": {},
        "components": {kind: [{"name": "example", "options": {}, **component}] for kind in kinds},
        "models": [{"label": "model", "name": "model", "weights_sha256": "0" * 64, "revision": "1", **made_up}],
        "corpora": [{"label": "corpus", "name": "corpus", "version": "1", **made_up}],
        "calibration": {"tokens": 128, "window": 32, "seed": 0},
        "seed": 0,
        "languages": len(IDS),
        "incidents": [],
        "times": {"calibrate": 1.5, "compare": 0.5},
        "cells_calibrated": len(IDS),
        "cells_reused": 0,
        "finished": True,
    }
