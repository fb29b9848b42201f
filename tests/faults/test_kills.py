"""A run killed before any change of a file, or at any moment, and started again gives the same to the bit."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest
from commands import call, kill_at_change, start
from fault_inputs import Base
from stopping import SEED, numbers, resumes, run

AT_MOMENTS = 40
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_before_a_change_of_a_file(part: int, changes: list[str], base: Base, tmp_path: Path) -> None:
    wrong = []
    for number in numbers(changes)[part::PARTS]:
        place = tmp_path / str(number)
        place.mkdir()
        killed = call(run(base), place, place / "cache", (kill_at_change, (str(place), number)))
        assert killed.code == -9, killed.told
        wrong.append(resumes("killed before a change of a file", changes[number - 1], base, place))
        shutil.rmtree(place)
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_moment(part: int, base: Base, tmp_path: Path) -> None:
    source, wrong = random.Random(SEED + part), []
    for number in range(AT_MOMENTS // PARTS):
        place = tmp_path / str(number)
        place.mkdir()
        for _ in range(source.choice((1, 1, 2, 3))):  # the run that goes on may be killed, too
            started = start(run(base), place, place / "cache")
            moment = source.uniform(0.02, 1.5)
            deadline = time.monotonic() + moment
            while started.process.is_alive() and time.monotonic() < deadline:
                time.sleep(0.005)
            started.process.kill()
            started.wait()
        wrong.append(resumes("killed at any moment", f"after {moment:.3f} s", base, place))
        shutil.rmtree(place)
    assert not any(wrong), "\n".join(filter(None, wrong))
