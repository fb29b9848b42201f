"""What evaluating takes by the number of languages: `python -m benchmarks.growth [--python OTHER] [N …]`.

`langgeo evaluate` of made-up distances of real languages with all defaults, first without exporters, then
`langgeo export --format html` for the page; processor seconds, peak memory and the size of the page. `--python` is
the interpreter of another installation, such as one of an earlier version.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from langgeo_core.api import DistanceMatrix, LanguageTable, write_distances

COUNTS = (50, 100, 200, 400, 800, 1000)


@dataclass(frozen=True)
class Used:
    """Processor seconds, and the largest resident memory in bytes."""

    seconds: float
    memory: int


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


def used_by(*command: str, folder: str) -> Used:
    """What a command takes that runs in a folder; raises CalledProcessError where it fails."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Used(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def main() -> None:
    """Print a row of the table in docs/explanation/performance.md for each number of languages."""
    parser = argparse.ArgumentParser()
    parser.add_argument("counts", nargs="*", type=int)
    parser.add_argument("--python", default=sys.executable)
    asked = parser.parse_args()
    print("| languages | evaluate: processor s | memory, GB | page: processor s | memory, GB | page, MB |")
    print("|---|---|---|---|---|---|")
    langgeo = asked.python, "-m", "langgeo_core", "-q"
    for count in asked.counts or COUNTS:
        with TemporaryDirectory() as scratch:
            file, out = Path(scratch) / "many.csv", Path(scratch) / "run"
            write_distances(file, related(count))
            scored = used_by(*langgeo, "evaluate", str(file), "exporters=[]", "--out", str(out), folder=scratch)
            shown = used_by(*langgeo, "export", str(out), "--format", "html", folder=scratch)
            (page,) = out.rglob("report.html")
            size = page.stat().st_size
        row = f"{scored.seconds:.0f} | {scored.memory / 1e9:.2f} | {shown.seconds:.0f} | {shown.memory / 1e9:.2f}"
        print(f"| {count:,} | {row} | {size / 1e6:.1f} |", flush=True)


if __name__ == "__main__":
    main()
