"""Three runs of one config beside each other on one store, killed at random and started again."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tiny_run import Finished, record_of

from langgeo_core.api import Store, remove_leftovers
from langgeo_core.cli import main

IMPORTED = [
    "langgeo_core.pipeline.stages.distances", "langgeo_core.pipeline.stages.results",
    "langgeo_core.calibration.collect", "transformers.models.llama.modeling_llama",
    "langgeo_hf.folder", "langgeo_hf.network", "langgeo_distances.hamming",
    "langgeo_quantizers.counting", "langgeo_glottolog.evaluator", "langgeo_clusterers.clusterers",
    "langgeo_embedders.torgerson", "langgeo_baselines.text", "langgeo_report.showing", "sklearn.cluster", "scipy.stats",
]  # fmt: skip
"""What a run of the tiny config imports, which takes much longer than the run: once for all processes."""
RESULTS = ("distances.csv", "embedding.csv", "clusters.csv", "metrics.csv")


def run_counted(cache: Path, log: Path, pause: float, words: list[str]) -> None:
    """`langgeo`, but every cell takes longer, and every one that was saved is noted in a file."""
    os.environ["LANGGEO_CACHE"] = str(cache)  # the server that forks may be older than this test
    save = Store.save

    def save_counted(self: Store, key: str, *arguments: Any) -> Any:
        time.sleep(pause)
        record = save(self, key, *arguments)
        with log.open("a") as file:
            file.write(f"{key}\n")
        return record

    Store.save = save_counted  # type: ignore[assignment, method-assign]
    main(words)


def three_runs(whole: Finished, folder: Path, seed: int, kills: int, pause: float) -> None:
    """Three runs of one config beside each other, killed at random and started again until all have finished."""
    processes = get_context("forkserver")
    processes.set_forkserver_preload(IMPORTED)
    log, chosen = folder / "saved", random.Random(seed)
    log.touch()

    def begin(name: str) -> Any:
        words = ["-q", "run", str(whole.config), "--out", str(folder / name)]
        process = processes.Process(target=run_counted, args=(folder / "cache", log, pause, words))
        process.start()
        return process

    running = {name: begin(name) for name in "abc"}

    def stored() -> set[str]:
        return {file.stem for file in (folder / "cache" / "cells").rglob("[!.]*.json")}

    for kill in range(kills):
        while len(stored()) < min(kill + 1, 7) and any(process.is_alive() for process in running.values()):
            time.sleep(0.01)
        time.sleep(chosen.uniform(0, 2 * pause))
        name = chosen.choice("abc")
        running[name].kill()
        running[name].join()
        running[name] = begin(name)
    for process in running.values():
        process.join()
        assert process.exitcode == 0
    saved = Counter(log.read_text().split())
    assert len(stored()) == 8, sorted(stored())
    # One that was killed between the last file of a cell and the note of it has not noted it.
    assert saved.keys() <= stored()
    assert set(saved.values()) == {1}
    for name in running:
        record = record_of(folder / name)
        assert record["cells_calibrated"] + record["cells_reused"] == 8
        for file in RESULTS:
            assert (folder / name / file).read_bytes() == (whole.folder / file).read_bytes()
    # What a killed run was making stays until a run has cells to fill; nobody has it locked.
    remove_leftovers(folder)
    assert list(folder.rglob(".unfinished-*")) == []
