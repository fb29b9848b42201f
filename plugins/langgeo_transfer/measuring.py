"""The figures of `measured`, from LangRank's table: `python -m langgeo_transfer.measuring TABLE` packs them again."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from langgeo_core.api import write_text
from langgeo_transfer.distances import SINGLE, TOGETHER, WITH_LETTERS, of_task, spaces_of
from langgeo_transfer.figures import Pairs, Settings, draw_families, english, per_target, resampled
from langgeo_transfer.measured import FILE, TASKS, Measured, has_relative
from langgeo_transfer.table import read_transfer


def measure(table: Path) -> list[Measured]:
    """The figures of both means and of each packaged space, over the pairs that all of these have."""
    spaces = spaces_of([TOGETHER, WITH_LETTERS, *SINGLE])
    return [
        found
        for task in read_transfer(table).tasks
        for pairs in [Pairs.of(task, of_task(task, spaces))]
        for name in spaces
        for related in (True, False)
        if (found := _of_targets(pairs, name, related)) is not None
    ]


def _of_targets(pairs: Pairs, space: str, related: bool) -> Measured | None:
    """The figures of the targets with a source of their branch, or of those without; None if there are none."""
    has = [
        has_relative(target, [one for one, score in zip(pairs.sources, row, strict=True) if np.isfinite(score)])
        for target, row in zip(pairs.targets, pairs.scores, strict=True)
    ]
    own = np.flatnonzero(np.array(has) == related)
    if not len(own):
        return None
    scale, settings = TASKS[pairs.task][1], Settings(permutations=0)
    values = per_target(pairs, settings)[space]
    best = np.nanmax(pairs.scores, axis=1)
    first, three = (scale * values[name][0, own] for name in ("loss-1", "loss-3"))
    _, families = np.unique(pairs.families[own], return_inverse=True)
    ends = resampled(first, draw_families(families, settings.resamples, settings.seed))[:2]
    low, high = (None if end is None else round(end, 2) for end in ends)
    by_english = scale * (best - english(pairs))[own]
    known = by_english[np.isfinite(by_english)]
    lost = scale * (best - np.nanmean(pairs.scores, axis=1))[own]
    return Measured(
        space, pairs.task, related, len(own), _mean(first), low, high, _mean(three),
        _mean(known) if len(known) else None, _mean(lost),
    )  # fmt: skip


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    return round(float(values.mean()), 2)


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    write_text(FILE, json.dumps([asdict(one) for one in measure(Path(sys.argv[1]))], indent=1) + "\n")
