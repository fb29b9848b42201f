"""A greedy choice of layers or modules on half of the languages, and its agreement on the other half."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Metric
from langgeo_inference.api import FEWEST, NORMAL_95
from langgeo_labels.api import Sample, neighbour_agreement, silhouette
from langgeo_layers.curve import EVALUATOR, Chosen, Network, Portion
from langgeo_layers.options import LayersOptions

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Measured = Callable[[Chosen], Float64]
"""From the chosen weight matrices to (n, n) distances."""


@dataclass(frozen=True)
class Row:
    """What is common to some rows: level, kind of portion with the model's prefix, and number of languages."""

    level: str
    kind: str
    n: int

    def metric(self, name: str, values: Sequence[float] | Float64, interval: bool = False) -> Metric:
        """The mean over splits with its standard deviation, which is the standard error over languages.

        A half has half the languages, so the standard deviation over halves estimates the standard error over samples
        of as many languages as there are (the random delete-half jackknife).
        """
        mean, error = float(np.mean(values)), float(np.std(values))
        found = Metric(EVALUATOR, name, mean, self.n, level=self.level, sd=error, seeds=len(values))
        reach = NORMAL_95 * error
        # A difference of two shares.
        low, high = max(mean - reach, -1.0), min(mean + reach, 1.0)
        return replace(found, ci_low=low, ci_high=high) if interval else found


def choosing_figures(
    network: Network, units: Sequence[Portion], kind: str, options: LayersOptions, seed: int
) -> Iterator[Metric]:
    """The agreement of a greedy choice among the languages it was chosen on, and among the others.

    None for a level whose halves have no two languages of one class, and none with fewer than two portions.
    """
    measured = _Remembered(network)
    for level in network.levels if len(units) > 1 else ():
        if network.size(level) < FEWEST:
            continue
        sample = Sample.of(level, network.classes[level])
        measured.rows = [network.ids.index(identifier) for identifier in sample.ids]
        rng = np.random.default_rng(seed)
        drawn = [split(sample.classes, rng) for _ in range(options.splits)]
        masks = [unit.chosen for unit in units]
        paths = list(choices(masks, measured, sample.classes, options.steps, drawn))
        if paths:
            row = Row(level, f"{network.prefix}{kind}", len(sample.ids))
            yield from _figures(paths, row)
            yield from _taken(paths, [f"{network.prefix}{unit.name}" for unit in units], row)


def _figures(paths: Sequence[Path], row: Row) -> Iterator[Metric]:
    kept = np.array([path.there[path.stop] for path in paths])
    whole = np.array([path.whole for path in paths])
    yield row.metric(f"nn1-greedy-promised:{row.kind}", [path.here[path.stop] for path in paths])
    yield row.metric(f"nn1-greedy-kept:{row.kind}", kept)
    yield row.metric(f"nn1-greedy-whole:{row.kind}", whole)
    yield row.metric(f"nn1-greedy-gain:{row.kind}", kept - whole, interval=True)
    yield row.metric(f"greedy-steps:{row.kind}", [path.stop + 1 for path in paths])
    for step in range(len(paths[0].taken)):
        yield row.metric(f"nn1-greedy-kept@{step + 1}:{row.kind}", [path.there[step] for path in paths])


def _taken(paths: Sequence[Path], names: Sequence[str], row: Row) -> Iterator[Metric]:
    """In which share of the choices each portion is among those taken before the stop."""
    for place, name in enumerate(names):
        taken = [place in path.taken[: path.stop + 1] for path in paths]
        yield Metric(EVALUATOR, f"greedy-taken:{name}", float(np.mean(taken)), row.n, level=row.level, seeds=len(paths))


class _Remembered:
    """Distances of portions of a network, each computed once; calls give those of the languages in `rows`."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._found: dict[bytes, Float64] = {}
        self.rows: list[int] = []

    def __call__(self, chosen: NDArray[np.bool_]) -> Float64:
        key = chosen.tobytes()
        if key not in self._found:
            distances = self._network.parts.distances(self._network.model, chosen)
            self._found[key] = distances.subset(self._network.ids).values
        return self._found[key][np.ix_(self.rows, self.rows)]


@dataclass(frozen=True, eq=False)
class Path:
    """What one greedy choice took, and its agreement after each step.

    Parameters
    ----------
    taken : (steps,) positions of the portions, in the order in which they were taken
    here : (steps,) nearest-neighbour agreement among the languages that it was chosen on
    there : (steps,) the same among the other languages
    whole : of the whole network among the other languages
    """

    taken: tuple[int, ...]
    here: Float64
    there: Float64
    whole: float

    @property
    def stop(self) -> int:
        """The step after which to stop: the first with the best agreement among the languages it was chosen on."""
        return int(np.argmax(self.here))


def split(classes: Int64, rng: np.random.Generator) -> tuple[Int64, Int64]:
    """Positions of two disjoint halves of the languages; each class is divided as evenly as possible.

    The classes come in random order and their languages are dealt out in turn, so that the halves differ by at most
    one.
    """
    order = rng.permutation(len(classes))
    turn = rng.permutation(int(classes.max()) + 1)
    dealt = order[np.argsort(turn[classes[order]], kind="stable")]
    return np.sort(dealt[::2]), np.sort(dealt[1::2])


def choices(
    units: Sequence[Chosen], measured: Measured, classes: Int64, steps: int, halves: Sequence[tuple[Int64, Int64]]
) -> Iterator[Path]:
    """The path of each half of each split, scored on the other half; none where a half has no two of one class.

    Parameters
    ----------
    units : (matrices,) of each portion that can be taken
    measured : from the chosen weight matrices to (n, n) distances; called many times with the same matrices
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
    """Nearest-neighbour agreement, then the silhouette: with few languages, agreement often ties."""
    return agreement(distances, classes, among), silhouette(distances[np.ix_(among, among)], classes[among])


def agreement(distances: Float64, classes: Int64, among: Int64) -> float:
    """Nearest-neighbour agreement among some of the languages; NaN where no two are of one class."""
    return neighbour_agreement(distances[np.ix_(among, among)], classes[among])
