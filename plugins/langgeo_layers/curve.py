"""Portions of a network: the figures of each alone, and by how much the whole network's fall without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Evaluation, Metric, NetworkParts, WeightMatrix
from langgeo_inference.api import Question, draw_halves, half_error, paired_difference
from langgeo_labels.api import metrics_of_levels, values_of_levels
from langgeo_layers.options import LayersOptions

Float64 = NDArray[np.float64]
Chosen = NDArray[np.bool_]
Matrices = Sequence[WeightMatrix]
EVALUATOR = "layers"


@dataclass(frozen=True, eq=False)
class Portion:
    """Some weight matrices of a model.

    Parameters
    ----------
    name : as the rows of metrics.csv have it: `whole`, `layer-7`, `module-mlp.down_proj`,
        `matrix-7-mlp.down_proj` or `depth-0.25-0.50`
    chosen : (matrices,) whether each is one of them
    """

    name: str
    chosen: Chosen


def whole(matrices: Matrices) -> Portion:
    """All weight matrices of the network."""
    return Portion("whole", np.ones(len(matrices), dtype=bool))


def portions(matrices: Matrices, kind: str, ranges: int) -> list[Portion]:
    """Every layer, module, weight matrix or range of depth that is neither empty nor the whole network."""
    found = _depths(matrices, ranges) if kind == "depths" else _KINDS[kind](matrices)
    return [portion for portion in found if portion.chosen.any() and not portion.chosen.all()]


def _layers(matrices: Matrices) -> Iterator[Portion]:
    numbers = np.array([matrix.layer for matrix in matrices])
    for layer in np.unique(numbers):
        yield Portion(f"layer-{layer}", numbers == layer)


def _modules(matrices: Matrices) -> Iterator[Portion]:
    modules = [matrix.module for matrix in matrices]
    for module in dict.fromkeys(modules):
        yield Portion(f"module-{module}", np.array([own == module for own in modules]))


def _each(matrices: Matrices) -> Iterator[Portion]:
    for place, matrix in enumerate(matrices):
        yield Portion(f"matrix-{matrix.layer}-{matrix.module}", np.arange(len(matrices)) == place)


def _depths(matrices: Matrices, ranges: int) -> Iterator[Portion]:
    """A layer belongs to the range that its middle is in, as in the key `parts` of a config."""
    layers, place = np.unique([matrix.layer for matrix in matrices], return_inverse=True)
    middle = (place + 0.5) / len(layers)
    for number in range(ranges):
        low, high = number / ranges, (number + 1) / ranges
        yield Portion(f"depth-{low:.2f}-{high:.2f}", (low <= middle) & (middle < high))


_KINDS: dict[str, Callable[[Matrices], Iterator[Portion]]] = {
    "layers": _layers,
    "modules": _modules,
    "matrices": _each,
}


@dataclass(frozen=True, eq=False)
class Network:
    """One model of a run.

    Parameters
    ----------
    parts : of the run
    model : which of its models
    ids : the languages that the model has distances between, sorted
    classes : per level, the class of each language that has one
    prefix : what the names of its portions begin with
    """

    parts: NetworkParts
    model: str
    ids: tuple[str, ...]
    classes: Mapping[str, Mapping[str, str]]
    prefix: str = ""

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of classes that are evaluated."""
        return tuple(self.classes)

    def size(self, level: str) -> int:
        """How many languages have a class at a level."""
        return len(self.classes[level])

    def judged(self, portion: Portion, seeds: int) -> Evaluation:
        """The portion's distances, embedded and clustered as the run's are."""
        distances = self.parts.distances(self.model, portion.chosen).subset(self.ids)
        return self.parts.judged(distances, seeds)


def alone(network: Network, portion: Portion, options: LayersOptions) -> list[Metric]:
    """The figures of the distances of a portion alone, with null and interval: `nn1:layer-7`."""
    judged = network.judged(portion, options.seeds)
    metrics = metrics_of_levels(EVALUATOR, network.levels, judged, options)
    return [
        replace(metric, metric=f"{metric.metric}:{network.prefix}{portion.name}")
        for metric in metrics
        if metric.metric in options.figures
    ]


def values_alone(network: Network, portions: Sequence[Portion], options: LayersOptions) -> Iterator[Metric]:
    """The values, without null or interval, of the figures that need no clusters: `nn1:matrix-7-mlp.down_proj`."""
    for portion in portions:
        for key, values in _wanted(network, network.judged(portion, 0), [network.ids], options).items():
            if np.isfinite(values[0]):
                name = f"{key[-1]}:{network.prefix}{portion.name}"
                yield Metric(EVALUATOR, name, float(values[0]), network.size(key[1]), level=key[1])


def losses(network: Network, portions: Sequence[Portion], options: LayersOptions, seed: int) -> Iterator[Metric]:
    """By how much each figure of the whole network exceeds that of the network without a portion: `nn1-lost:layer-7`.

    Both are computed on the same halves of the languages, so that the interval is of the difference.
    """
    drawn = draw_halves(len(network.ids), options.subsamples, np.random.default_rng(seed))
    subsets = [network.ids, *([network.ids[place] for place in half] for half in drawn)]

    def values(chosen: Chosen) -> dict[Question, Float64]:
        return _wanted(network, network.judged(Portion("", chosen), options.seeds), subsets, options)

    everything = values(np.ones_like(portions[0].chosen)) if portions else {}
    for portion in portions:
        rest = values(~portion.chosen)
        for key in (key for key in everything if key in rest):
            name = f"{key[-1]}-lost:{network.prefix}{portion.name}"
            yield from _loss(key, name, everything[key] - rest[key], network.size(key[1]))


def _wanted(
    network: Network, judged: Evaluation, subsets: Sequence[Sequence[str]], options: LayersOptions
) -> dict[Question, Float64]:
    """(subsets,) the values of the chosen figures on each subset of the languages."""
    found = values_of_levels(EVALUATOR, network.levels, judged, subsets)
    return {key: values for key, values in found.items() if key[-1] in options.figures}


def _loss(key: Question, name: str, lost: Float64, n: int) -> Iterator[Metric]:
    """The row, none where the difference is undefined."""
    value = float(lost[0])
    if np.isfinite(value):
        found, error = paired_difference(value, lost[1:], n), half_error(lost[1:], n)
        yield Metric(
            EVALUATOR, name, value, n, key[2], key[1], sd=error, p=found.p, ci_low=found.low, ci_high=found.high
        )
