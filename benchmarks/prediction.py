"""What `langgeo plan` predicts against what a run then takes: memory and disk within 1.5, time within 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Result, machine

INTERVAL = 0.02
LIMITS = {"memory": 1.5, "disk": 1.5, "time": 2.0}
CONFIG = """\
models: [{model}]
corpora: [udhr]
languages: [deu, eng, kan, tam]
calibration: {{tokens: 2048, window: 512, short: use, mode: {mode}}}
"""


@dataclass(frozen=True)
class Case:
    """A model of the starter, or a random one of two blocks, and how it is calibrated."""

    model: str
    mode: str = "one-pass"


CASES = {
    "tiny": Case("tiny"),
    "smollm2-135m": Case("smollm2-135m"),
    "smollm2-135m, sequential": Case("smollm2-135m", "sequential"),
    "gemma-3-270m": Case("gemma-3-270m"),
}
SHORT = ("tiny", "smollm2-135m")
"""The cases of `python -m benchmarks`; `python -m benchmarks.prediction` runs all."""


def run() -> list[Result]:
    """The short cases."""
    return [row for name in SHORT for row in measured(name)]


def measured(name: str) -> list[Result]:
    """A row for each of memory, disk and time of one case: how many times the prediction is off, either way."""
    with tempfile.TemporaryDirectory() as folder:
        config = _written(CASES[name], Path(folder))
        _converted(CASES[name], Path(folder))
        before = _predicted(config, Path(folder))
        peak, seconds = _taken(config, Path(folder))
        disk = _size(Path(folder) / "cache" / "cells") + _size(Path(folder) / "run" / "distances")
        after = _predicted(config, Path(folder), "fresh")
    found = {"memory": peak, "disk": disk, "time": seconds}
    predicted = {key: (before[key] + after[key]) / 2 for key in found}
    return [_row(name, key, predicted[key], float(found[key])) for key in found]


def _row(name: str, key: str, predicted: float, found: float) -> Result:
    off = max(predicted / found, found / predicted)
    unit = "s" if key == "time" else "MB"
    scale = 1.0 if key == "time" else 1e6
    values = f"predicted {predicted / scale:.1f} {unit}, found {found / scale:.1f} {unit}"
    note = f"{values}: how many times off, {machine()}"
    return Result(f"plan, {key}, {name}", off, LIMITS[key], key == "time" or off <= LIMITS[key], "times off", note)


def _written(case: Case, folder: Path) -> Path:
    from langgeo_testing import save_tiny_model

    model = case.model
    if model == "tiny":
        model = f"{{name: huggingface, path: {save_tiny_model(folder / 'tiny')}}}"
    config = folder / "measured.yaml"
    config.write_text(CONFIG.format(model=model, mode=case.mode), encoding="utf-8")
    return config


def _converted(case: Case, folder: Path) -> None:
    """Convert a model of the starter beforehand, where the user's own cache has not: conversion is no calibration."""
    if case.model == "tiny":
        return
    from langgeo_core.plugins.registry import installed
    from langgeo_core.system.files import cache_folder

    made: Path = installed().get("models", case.model).component.load("factory")().folder()
    for cache in ("cache", "fresh"):
        (folder / cache / "models").mkdir(parents=True)
        (folder / cache / "models" / made.name).symlink_to(cache_folder().absolute() / "models" / made.name)


def _predicted(config: Path, folder: Path, cache: str = "cache") -> dict[str, float]:
    command = [sys.executable, "-m", "langgeo_core", "plan", str(config), "--json"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=_environment(folder / cache))
    prediction: dict[str, Any] = json.loads(answer.stdout)["prediction"]
    seconds = sum(model["calibrating"] for model in prediction["models"])
    return {"memory": prediction["process"], "disk": prediction["disk"], "time": seconds}


def _taken(config: Path, folder: Path) -> tuple[int, float]:
    """(largest resident bytes, seconds of calibration) of a run in a process of its own."""
    import psutil

    command = [sys.executable, "-m", "langgeo_core", "-q", "run", str(config), "--out", str(folder / "run")]
    child = subprocess.Popen(command, env=_environment(folder / "cache"), stdout=subprocess.DEVNULL)
    process, largest = psutil.Process(child.pid), 0
    while child.poll() is None:
        largest = max(largest, process.memory_info().rss)
        time.sleep(INTERVAL)
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")
    record = json.loads((folder / "run" / "run.json").read_text("utf-8"))
    return largest, record["times"]["calibrate"]


def _environment(cache: Path) -> dict[str, str]:
    return {**os.environ, "LANGGEO_CACHE": str(cache)}


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    for case in sys.argv[1:] or CASES:
        for row in measured(case):
            print(f"{row.name}: {row.ratio:.2f} (at most {row.target:g}); {row.note}", flush=True)
