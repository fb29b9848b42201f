"""Two and four commands at once, in one folder and on one store."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from commands import call, start
from fault_inputs import Base
from states import differing, results
from tally import count

SEED = 20_240_711
OVERRIDES = ("calibration.tokens=96", "calibration.tokens=64", "calibration.window=16", "scorer.diagonal=cholesky")
DELAYS = (0.0, 0.05, 0.2, 0.6)


@pytest.fixture(scope="session")
def alone(base: Base, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """What each override gives where nothing else runs."""
    found = {}
    for override in OVERRIDES:
        place = tmp_path_factory.mktemp("alone")
        ended = call(["-q", "run", base.config, override, "--out", "run"], place, base.cache.parent / "shared")
        assert ended.code == 0, ended.told
        found[override] = results(place / "run")
    return found


@pytest.mark.parametrize("together", [2, 4])
@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("overwrite", [False, True])
def test_in_one_folder_with_different_overrides(
    together: int, delay: float, overwrite: bool, base: Base, alone: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    source = random.Random(f"{SEED}{together}{delay}{overwrite}")
    started = []
    for override in OVERRIDES[:together]:
        more = ["--overwrite"] if overwrite else []
        words = ["-q", "run", base.config, override, "--out", "run", *more]
        started.append(start(words, tmp_path, tmp_path / "cache"))
        time.sleep(delay * source.random())
    ended = [one.wait() for one in started]
    attack = f"{together} in one folder, {delay} s apart"
    foreign = [one.told for one in ended if one.foreign or one.hangs]
    left = results(tmp_path / "run")
    of = [override for override, found in alone.items() if not differing(found, left)]
    verdict = "foreign exception" if foreign else "silent change" if not of else "noticed"
    count("several at once in one folder", verdict, attack)
    assert not foreign, "\n".join(foreign)
    differs = {override: differing(found, left)[:5] for override, found in alone.items()}
    assert of, f"{[one.code for one in ended]} {differs}"
    assert 0 in [one.code for one in ended]


@pytest.mark.parametrize("together", [2, 4])
@pytest.mark.parametrize("delay", DELAYS)
def test_on_one_store(together: int, delay: float, base: Base, tmp_path: Path) -> None:
    source = random.Random(f"{SEED}{together}{delay}")
    started = []
    for number in range(together):
        words = ["-q", "run", base.config, "--out", f"run{number}"]
        started.append(start(words, tmp_path, tmp_path / "cache"))
        time.sleep(delay * source.random())
    ended = [one.wait() for one in started]
    wrong = [one.told for one in ended if one.code]
    changed = [differing(results(tmp_path / f"run{number}"), base.results) for number in range(together)]
    verdict = "silent change" if any(changed) else "noticed" if wrong else "identical"
    count("several at once on one store", verdict, f"{together} on one store, {delay} s apart")
    assert not wrong, "\n".join(wrong)
    assert not any(changed), changed
