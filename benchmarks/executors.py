"""What handing out work costs: 2,000 cells of a tiny model, by two workers of dask or two threads of one process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors.numpy import load_file

from benchmarks.measure import Result, machine
from benchmarks.planning import own_ids
from langgeo_testing import made_up_text, save_tiny_model

LANGUAGES, CORPORA, TEXTS = 250, 8, 125
WAYS = {"local": ["executor=local"], "dask": [f"executor={{name: dask, workers: 2, texts: {TEXTS}}}"]}


def run() -> list[Result]:
    """Wall time of `langgeo calibrate`, start and end of the workers included."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        config = _config(folder)
        seconds = {name: _calibrate(config, folder / name, words) for name, words in WAYS.items()}
        equal = _cells(folder / "local") == _cells(folder / "dask")
    note = (
        f"{LANGUAGES * CORPORA:,} cells by two threads in {seconds['local']:.0f} s, by two workers of dask in "
        f"{seconds['dask']:.0f} s, items of {TEXTS} texts; equal: the same cells to the bit; one round, {machine()}"
    )
    return [Result("dask-overhead", seconds["local"] / seconds["dask"], 0.8, equal, "times the wall time", note)]


def _config(folder: Path) -> Path:
    model = save_tiny_model(folder / "model", seed=0)
    ids = list(islice(own_ids(), LANGUAGES))
    corpora = []
    for number in range(CORPORA):
        texts = folder / f"texts-{number}"
        texts.mkdir()
        corpora.append(f"{{name: text-folder, as: c{number}, path: {texts}}}")
        for language in ids:
            (texts / f"{language}.txt").write_text(made_up_text(f"{language}{number}", 1200), encoding="utf-8")
    file = folder / "config.yaml"
    file.write_text(
        f"models: [{{name: huggingface, path: {model}}}]\ncorpora: [{', '.join(corpora)}]\nlanguages: all\n"
        "calibration: {tokens: 512, window: 64}\n",
        encoding="utf-8",
    )
    return file


def _calibrate(config: Path, cache: Path, words: list[str]) -> float:
    threads = "1" if "dask" in words[0] else "2"
    environment = {**os.environ, "LANGGEO_CACHE": str(cache), "OMP_NUM_THREADS": threads}
    command = [sys.executable, "-m", "langgeo_core", "-q", "calibrate", str(config), *words]
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _cells(cache: Path) -> dict[str, dict[str, bytes]]:
    """The numbers of every cell by its address."""
    return {
        file.stem: {name: values.tobytes() for name, values in sorted(load_file(file).items())}
        for file in sorted((cache / "cells").rglob("*.safetensors"))
    }
