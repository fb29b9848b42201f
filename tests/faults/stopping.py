"""A run stopped somewhere, and started again."""

from __future__ import annotations

import random
from pathlib import Path

from commands import call
from fault_inputs import Base
from states import differing, results
from tally import BAD, judge

SEED = 20_240_711
AT_CHANGES = 80
"""How many changes of files a run is stopped at; all, where there are no more."""


def run(base: Base) -> list[object]:
    return ["-q", "run", base.config, "--out", "run"]


def numbers(changes: list[str]) -> list[int]:
    """Those before which a run is killed: the first and the last of each folder and event, and others by chance."""
    kinds: dict[tuple[str, str], list[int]] = {}
    for number, line in enumerate(changes, 1):
        event, _, path = line.partition(" ")
        kinds.setdefault((event, str(Path(path).parent)), []).append(number)
    ends = {number for found in kinds.values() for number in (found[0], found[-1])}
    others = [number for number in range(1, len(changes) + 1) if number not in ends]
    random.Random(SEED).shuffle(others)
    return sorted(ends) + others[: max(0, AT_CHANGES - len(ends))]


def resumes(kind: str, attack: str, base: Base, place: Path) -> str:
    """Start the same command again, and say what is wrong."""
    ended = call(run(base), place, place / "cache")
    changed = differing(results(place / "run"), base.results) if ended.code == 0 else ["it does not go on"]
    verdict = judge(kind, attack, ended, not changed)
    left = [file.name for file in (*place.glob("run/**/.*"), *place.glob("cache/**/.*")) if file.is_file()]
    wrong = verdict in BAD or changed
    return f"{attack}: {verdict} {changed[:4]} {left[:3]} {ended.told[-500:]}" if wrong else ""
