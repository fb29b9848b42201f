"""Several runs on one store: each cell is computed once, and the results are those of one run alone."""

from __future__ import annotations

import random
import time
from collections import Counter
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from tiny_run import Finished, Langgeo, record_of

from langgeo_core.api import Store
from langgeo_core.cli import main

RESULTS = ("distances.csv", "embedding.csv", "clusters.csv", "metrics.csv")


def run_counted(log: Path, pause: float, words: list[str]) -> None:
    """`langgeo`, but every cell takes longer, and every one that was saved is noted in a file."""
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
    processes.set_forkserver_preload(["langgeo_core.pipeline.stages.distances", "langgeo_hf.network", "transformers"])
    log, chosen = folder / "saved", random.Random(seed)
    log.touch()

    def begin(name: str) -> Any:
        words = ["-q", "run", str(whole.config), "--out", str(folder / name)]
        process = processes.Process(target=run_counted, args=(log, pause, words))
        process.start()
        return process

    running = {name: begin(name) for name in "abc"}
    for kill in range(kills):
        while len(log.read_text().split()) < min(kill + 1, 7):
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
    stored = {file.stem for file in (folder / "cache" / "cells").rglob("[!.]*.json")}
    assert len(stored) == 8
    # One that was killed between the last file of a cell and the note of it has not noted it.
    assert saved.keys() <= stored
    assert set(saved.values()) == {1}
    for name in running:
        record = record_of(folder / name)
        assert record["cells_calibrated"] + record["cells_reused"] == 8
        for file in RESULTS:
            assert (folder / name / file).read_bytes() == (whole.folder / file).read_bytes()
    assert list(folder.rglob(".unfinished-*")) == []


def test_three_runs_killed_and_started_again(whole_run: Finished, cache: Path, tmp_path: Path) -> None:
    three_runs(whole_run, tmp_path, seed=1, kills=2, pause=0.05)


@pytest.mark.parametrize("mode", ["one-pass", "sequential"])
def test_a_cell_that_another_run_computes_is_waited_for_and_read(
    whole_run: Finished, langgeo: Langgeo, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Two cells are claimed by another run, which finishes one of them and dies over the other."""
    words = ["run", whole_run.config, f"calibration.mode={mode}", "exporters=[]"]
    assert langgeo(*words, "--out", tmp_path / "first").code == 0
    one, other = sorted(file.stem for file in (cache / "cells").rglob("*.json"))[:2]
    store = Store(cache)
    kept = {file: file.read_bytes() for file in (cache / "cells" / one[:2]).glob(f"{one}.*")}
    for file in (cache / "cells").rglob("*.*"):
        file.unlink()
    claims = [store.claim(key) for key in (one, other)]
    for claim in claims:
        assert claim.__enter__().held
    pauses: list[float] = []

    def meanwhile(seconds: float) -> None:
        if not pauses:
            for file, content in kept.items():
                file.write_bytes(content)
        pauses.append(seconds)
        if claims:
            claims.pop().__exit__(None, None, None)

    monkeypatch.setattr("langgeo_core.calibration.cells.time.sleep", meanwhile)
    assert langgeo(*words, "--out", tmp_path / "second").code == 0
    record = record_of(tmp_path / "second")
    assert (record["cells_calibrated"], record["cells_reused"]) == (7, 1)
    assert (tmp_path / "second/distances.csv").read_bytes() == (tmp_path / "first/distances.csv").read_bytes()
    assert len(pauses) == 2
    assert list(cache.rglob(".unfinished-*")) == []
