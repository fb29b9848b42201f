"""Three runs on one store, killed at random and started again: each cell is computed once, the results are the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from tally import count
from three_runs import three_runs
from tiny_run import Finished


@pytest.mark.parametrize("seed", range(5))
def test_three_runs_on_one_store(whole_run: Finished, cache: Path, tmp_path: Path, seed: int) -> None:
    try:
        three_runs(whole_run, tmp_path, seed, kills=6, pause=0.2)
    except AssertionError:
        count("three runs on one store", "silent change", f"seed {seed}")
        raise
    count("three runs on one store", "identical", f"seed {seed}, 6 kills")
