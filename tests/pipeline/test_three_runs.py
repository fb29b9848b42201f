"""Several runs on one store: each cell is computed once, and the results are those of one run alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from three_runs import three_runs
from tiny_run import Finished, Langgeo, record_of

from langgeo_core.api import Store


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
        assert claim.__enter__()
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
