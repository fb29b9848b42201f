"""Do the two intervals of retrieval cover, over new languages and over new branches? Slow; `-s` prints the figures."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from langgeo_inference.api import draw_halves, half_interval, paired_difference
from langgeo_labels.retrieval import ABSENT, Ranking, class_interval, mean_precisions
from langgeo_labels.scripts import pairs_by_script

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

SIZES = np.array([38, 8, 7, 6, 6, 5, 5, 4, 4, 3, 3, 3, 2, 2, 2, 2, *[1] * 20])
"""Of the branches, as uneven as those of real language sets."""
SCRIPTS, SHARES, OTHER_SCRIPT = np.array(["Latn", "Cyrl", "Arab", "Deva"]), [0.6, 0.2, 0.1, 0.1], 0.2
"""Each branch has a script; a fifth of the languages are in any."""
AXES, ROUNDS, HALVES = 12, 200, 100
NAMES = ("map", "map-across-scripts", "map-within-script")
Figures = dict[str, tuple[Float64, Float64]]
"""(1 + halves,) on all languages and on halves, and (classes,) without each class."""


def figures(points: Float64, branches: Int64, scripts: list[str], halves: Int64) -> Figures:
    distances = np.linalg.norm(points[:, np.newaxis] - points, axis=-1)
    across, within = pairs_by_script(scripts)
    subsets = np.full((len(halves), len(branches)), ABSENT)
    np.put_along_axis(subsets, halves, branches[halves], axis=1)
    found = {}
    for name, allowed in zip(NAMES, (across | True, across, within), strict=True):
        ranking = Ranking.of((distances + distances.T) / 2, allowed)
        known = np.isfinite(ranking.precisions(branches[np.newaxis])[0])
        without = np.where(branches == np.unique(branches[known])[:, np.newaxis], ABSENT, branches)
        read = [np.concatenate([branches[np.newaxis], subsets]), without]
        found[name] = tuple(mean_precisions(ranking.precisions(one), one)[0] for one in read)
    return found


def drawn(n: int, rng: np.random.Generator, centres: Float64, homes: Int64) -> list[Figures]:
    """Two equally good recipes over n new languages; branch b lies around `centres[b]`, its script is `homes[b]`."""
    branches = rng.choice(len(SIZES), n, p=SIZES / SIZES.sum())
    written = np.where(rng.random(n) < OTHER_SCRIPT, rng.choice(len(SCRIPTS), n), homes[branches])
    of_script = 0.6 * np.random.default_rng(5).normal(size=(len(SCRIPTS), AXES))
    shared = centres[branches] + 0.8 * rng.normal(size=(n, AXES)) + of_script[written]
    halves, scripts = draw_halves(n, HALVES, rng), SCRIPTS[written].tolist()
    return [figures(shared + 0.6 * rng.normal(size=(n, AXES)), branches, scripts, halves) for _ in range(2)]


def covers(interval: tuple[float, float] | None, true: float) -> bool:
    return interval is not None and interval[0] <= true <= interval[1]


@pytest.mark.slow
@pytest.mark.parametrize("n", [64, 126])
@pytest.mark.parametrize("new_branches", [False, True], ids=["the same branches", "new branches"])
def test_intervals_cover_and_the_paired_test_keeps_its_level(n: int, new_branches: bool) -> None:
    rng = np.random.default_rng(n)
    rounds: list[list[Figures]] = []
    while len(rounds) < ROUNDS:
        if new_branches or not rounds:
            centres = 0.9 * rng.normal(size=(len(SIZES), AXES))
            homes = rng.choice(len(SCRIPTS), len(SIZES), p=SHARES)
        rounds.append(drawn(n, rng, centres, homes))
    for name in NAMES:
        values = [(one[name], other[name]) for one, other in rounds]
        true = float(np.nanmean([on[0] for (on, _), _ in values]))
        by_halves = np.mean([covers(half_interval(on[0], on[1:], n, (0, 1)), true) for (on, _), _ in values])
        by_class = np.mean([covers(class_interval(on[0], without), true) for (on, without), _ in values])
        tests = [paired_difference(float(on[0] - to[0]), on[1:] - to[1:], n) for (on, _), (to, _) in values]
        rejected = np.mean([one.p is not None and one.p < 0.05 for one in tests])
        print(f"{n} languages, {name}: halves {by_halves:.3f}, classes {by_class:.3f}, rejected {rejected:.3f}")
        assert by_class >= 0.92 and rejected <= 0.08
        assert by_halves >= (0.75 if new_branches else 0.89)
