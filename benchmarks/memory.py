"""Extra memory of calibrating one language, each way in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.measure import ROUNDS, Result, machine

MEGABYTE = 1 << 20
INTERVAL = 0.002


def run() -> list[Result]:
    """Peak memory above what the process holds once the model is loaded."""
    measured: dict[str, list[float]] = {"ours": [], "ours side by side": [], "plain": []}
    checksums: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for way, values in measured.items():
            answer = _child(way)
            values.append(answer["bytes"] / MEGABYTE)
            checksums[way] = answer["scores"]
    own, both, other = (median(measured[way]) for way in ("ours", "ours side by side", "plain"))
    equal = all(abs(a / b - 1) < 1e-3 for a, b in zip(checksums["ours"], checksums["plain"], strict=True))
    note = (
        f"largest resident memory, sampled every {INTERVAL * 1000:.0f} ms, minus that after loading; one language of "
        f"2,048 tokens, float32: {own:.0f} MiB against {other:.0f} MiB; one cell a thread on all threads at once: "
        f"{both:.0f} MiB together; equal: the sum of the scores of each matrix within 1e-3; medians of {ROUNDS} "
        f"interleaved rounds, a fresh process each, {machine()}"
    )
    return [Result("calibration-memory", other / own, 4.0, equal, "extra bytes", note)]


def _child(way: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.memory", way]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    parsed: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return parsed


def peak_of(work: Callable[[], Any]) -> tuple[int, Any]:
    """(largest resident bytes above those at the start, result)."""
    import psutil

    process, done = psutil.Process(), threading.Event()
    start = largest = process.memory_info().rss

    def watch() -> None:
        nonlocal largest
        while not done.wait(INTERVAL):
            largest = max(largest, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result = work()
    finally:
        done.set()
        watcher.join()
    return largest - start, result


def main(way: str) -> None:
    """Measure one way in this process and print {bytes, scores}: the sum of each matrix's scores."""
    import numpy as np

    from benchmarks import calibration
    from benchmarks.measure import cores, threads
    from benchmarks.subject import load

    subject = load(cores())
    for parameter in subject.model.network.parameters():  # fault in what the loader mapped
        parameter.sum()
    languages = list(subject.windows)
    first = languages if way == "ours side by side" else languages[:1]
    collect = calibration.reference if way == "plain" else calibration.ours
    with threads(cores()):
        extra, result = peak_of(lambda: collect(subject, first))
    answer = result[languages[0]]
    sums = []
    for matrix in subject.layout.matrices:
        if way == "plain":
            sums.append(float(answer[matrix.name].double().sum()))
        else:
            g = 1.0 / answer.inputs[matrix.input].inverse_diagonal
            sums.append(float((np.square(subject.weight(matrix.name), dtype=np.float64) * g).sum()))
    print(json.dumps({"bytes": extra, "scores": sums}))


if __name__ == "__main__":
    main(sys.argv[1])
