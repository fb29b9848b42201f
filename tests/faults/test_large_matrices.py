"""A matrix of many languages: memory of `langgeo evaluate` with all default exporters, and the size of its page."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from langgeo_core.api import DistanceMatrix, LanguageTable, write_distances

pytestmark = pytest.mark.faults

GB, MB = 1e9, 1e6
LEAST_RESAMPLING = (
    "evaluators.glottolog.permutations=9",
    "evaluators.glottolog.subsamples=2",
    "clusterers=[{name: kmeans, k: 12, seeds: 2}]",
    "baselines=[]",
)


def related(count: int) -> DistanceMatrix:
    """Distances of real languages, less within a family and a branch of Glottolog."""
    every = [one for one in LanguageTable().all() if one.family and one.branch and one.latitude is not None]
    rng = np.random.default_rng(0)
    chosen = [every[index] for index in sorted(rng.choice(len(every), count, replace=False))]
    points = rng.normal(size=(count, 20))
    for level in ("family", "branch"):
        _, codes = np.unique([getattr(one, level) for one in chosen], return_inverse=True)
        points += rng.normal(size=(codes.max() + 1, 20))[codes]
    squares = (points**2).sum(axis=1)
    squared = np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0)
    np.fill_diagonal(squared, 0)
    return DistanceMatrix(tuple(one.id for one in chosen), np.sqrt((squared + squared.T) / 2))


def test_four_hundred_languages_in_bounded_memory_and_page(tmp_path: Path) -> None:
    file, out = tmp_path / "many.csv", tmp_path / "run"
    write_distances(file, related(400))
    command = [sys.executable, "-m", "langgeo_core", "-q", "evaluate", str(file), *LEAST_RESAMPLING, "--out", str(out)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    assert used.ru_maxrss * 1024 < 2 * GB
    assert (out / "report.html").stat().st_size < 15 * MB
    assert (out / "figures" / "heatmap.png").stat().st_size < 5 * MB
