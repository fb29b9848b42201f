"""A greedy choice of parts on half of the languages, and how well it does on the other half."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_glottolog.geometry import neighbour_agreement, neighbour_weights, silhouette

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Chosen = NDArray[np.bool_]
Measured = Callable[[Chosen], Float64]
"""From the chosen weight matrices to (n, n) distances."""


@dataclass(frozen=True, eq=False)
class Path:
    """What one greedy choice took, and how well it did after each step.

    Parameters
    ----------
    taken : (steps,) places of the parts, in the order in which they were taken
    here : (steps,) nearest-neighbour agreement among the languages that chose
    there : (steps,) the same among the others
    whole : of the whole network among the others
    """

    taken: tuple[int, ...]
    here: Float64
    there: Float64
    whole: float

    @property
    def stop(self) -> int:
        """The step after which to stop, as the languages that chose see it: the first of the best."""
        return int(np.argmax(self.here))


def split(classes: Int64, rng: np.random.Generator) -> tuple[Int64, Int64]:
    """Positions of two halves that share no language; each class is divided as evenly as can be.

    The classes come in random order and their languages are dealt in turn, so that the halves differ by one at most.
    """
    order = rng.permutation(len(classes))
    turn = rng.permutation(int(classes.max()) + 1)
    dealt = order[np.argsort(turn[classes[order]], kind="stable")]
    return np.sort(dealt[::2]), np.sort(dealt[1::2])


def choices(
    units: Sequence[Chosen], measured: Measured, classes: Int64, steps: int, halves: Sequence[tuple[Int64, Int64]]
) -> Iterator[Path]:
    """The path of each half of each split, scored on the other half; none where a half has no class in company.

    Parameters
    ----------
    units : (matrices,) of each part that can be taken
    measured : the distances, asked for the same matrices many times
    classes : (n,) codes of the languages of `measured`
    """
    for one, other in halves:
        for here, there in ((one, other), (other, one)):
            path = _choose(units, measured, classes, steps, here, there)
            if np.isfinite([*path.here, *path.there, path.whole]).all():
                yield path


def _choose(units: Sequence[Chosen], measured: Measured, classes: Int64, steps: int, here: Int64, there: Int64) -> Path:
    chosen = np.zeros_like(units[0])
    taken: list[int] = []
    scores: list[tuple[float, float]] = []
    for _ in range(min(steps, len(units))):
        left = [place for place in range(len(units)) if place not in taken]
        best = max(left, key=lambda place: _criterion(measured(chosen | units[place]), classes, here))
        taken.append(best)
        chosen = chosen | units[best]
        distances = measured(chosen)
        scores.append((agreement(distances, classes, here), agreement(distances, classes, there)))
    whole = agreement(measured(np.ones_like(chosen)), classes, there)
    here_scores, there_scores = np.array(scores).T
    return Path(tuple(taken), here_scores, there_scores, whole)


def _criterion(distances: Float64, classes: Int64, among: Int64) -> tuple[float, float]:
    """Nearest-neighbour agreement; few languages tie often, and then the silhouette decides."""
    return agreement(distances, classes, among), silhouette(distances[np.ix_(among, among)], classes[among])


def agreement(distances: Float64, classes: Int64, among: Int64) -> float:
    """Nearest-neighbour agreement of some of the languages with each other; NaN where none has company."""
    return neighbour_agreement(neighbour_weights(distances[np.ix_(among, among)]), classes[among])
