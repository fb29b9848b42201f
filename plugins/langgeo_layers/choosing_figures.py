"""The rows of the greedy choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import FEWEST, NORMAL_95, Metric
from langgeo_glottolog.sample import draw
from langgeo_layers.choosing import Path, choices, split
from langgeo_layers.curve import EVALUATOR, Network
from langgeo_layers.options import LayersOptions
from langgeo_layers.portions import Portion

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """Whose rows these are: level, kind of part with the model's prefix, and how many languages it is over."""

    level: str
    kind: str
    n: int

    def metric(self, name: str, values: Sequence[float] | Float64, interval: bool = False) -> Metric:
        """The mean over splits with its standard deviation, which is a standard error over languages.

        Halves of the languages are half the sample, so what a figure varies by over them is what it would vary by over
        other languages of the same number (the random delete-half jackknife).
        """
        mean, spread = float(np.mean(values)), float(np.std(values))
        found = Metric(EVALUATOR, name, mean, self.n, level=self.level, sd=spread, seeds=len(values))
        reach = NORMAL_95 * spread
        return replace(found, ci_low=mean - reach, ci_high=mean + reach) if interval else found


def choosing_figures(
    network: Network, units: Sequence[Portion], kind: str, options: LayersOptions, seed: int
) -> Iterator[Metric]:
    """What a greedy choice among the parts promises on the languages that chose, and keeps on the others.

    None of a level whose halves have no two languages of one class, and none of fewer than two parts.
    """
    measured = _Remembered(network)
    for level in network.levels if len(units) > 1 else ():
        if network.size(level) < FEWEST:
            continue
        sample = draw(EVALUATOR, level, network.classes[level])
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
    """In which share of the choices each part is among those taken before the stop."""
    for place, name in enumerate(names):
        taken = [place in path.taken[: path.stop + 1] for path in paths]
        yield Metric(EVALUATOR, f"greedy-taken:{name}", float(np.mean(taken)), row.n, level=row.level, seeds=len(paths))


class _Remembered:
    """The distances of a network's parts, each calculated once and seen from the languages of `rows`."""

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
