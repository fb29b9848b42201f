"""A matrix of many languages: memory of `langgeo evaluate` with all default exporters, and the size of its page."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.growth import related
from langgeo_core.api import write_distances

pytestmark = pytest.mark.faults

GB, MB = 1e9, 1e6
LEAST_RESAMPLING = (
    "evaluators.glottolog.permutations=9",
    "evaluators.glottolog.subsamples=2",
    "clusterers=[{name: kmeans, k: 12, seeds: 2}]",
    "baselines=[]",
)


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
