"""The figures of each part alone, and what is lost without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Evaluation, Metric, NetworkParts, draw_halves, half_error, paired_difference
from langgeo_glottolog.level_metrics import Key, metrics_of_levels, values_of_levels
from langgeo_layers.options import LayersOptions
from langgeo_layers.portions import Chosen, Portion

Float64 = NDArray[np.float64]
EVALUATOR = "layers"


@dataclass(frozen=True, eq=False)
class Network:
    """One model of a run, as its parts are asked for.

    Parameters
    ----------
    parts : of the run
    model : which of its models
    ids : the languages that the model has distances between, sorted
    classes : the class of each language that has one, per level
    prefix : what the names of its parts begin with
    """

    parts: NetworkParts
    model: str
    ids: tuple[str, ...]
    classes: Mapping[str, Mapping[str, str]]
    prefix: str = ""

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are looked at."""
        return tuple(self.classes)

    def size(self, level: str) -> int:
        """How many languages have a class at a level."""
        return len(self.classes[level])

    def judged(self, portion: Portion, seeds: int) -> Evaluation:
        """The part's distances, embedded and clustered as the run's are."""
        distances = self.parts.distances(self.model, portion.chosen).subset(self.ids)
        return self.parts.judged(distances, seeds)


def alone(network: Network, portion: Portion, options: LayersOptions) -> list[Metric]:
    """The figures of the distances that a part makes by itself, with null and interval: `nn1:layer-7`."""
    judged = network.judged(portion, options.seeds)
    metrics = metrics_of_levels(EVALUATOR, network.levels, judged, options)
    return [
        replace(metric, metric=f"{metric.metric}:{network.prefix}{portion.name}")
        for metric in metrics
        if metric.metric in options.figures
    ]


def values_alone(network: Network, portions: Sequence[Portion], options: LayersOptions) -> Iterator[Metric]:
    """The values alone of the figures that need no clusters: `nn1:matrix-7-mlp.down_proj`."""
    for portion in portions:
        for key, values in _wanted(network, network.judged(portion, 0), [network.ids], options).items():
            if np.isfinite(values[0]):
                name = f"{key[-1]}:{network.prefix}{portion.name}"
                yield Metric(EVALUATOR, name, float(values[0]), network.size(key[1]), level=key[1])


def losses(network: Network, portions: Sequence[Portion], options: LayersOptions, seed: int) -> Iterator[Metric]:
    """By how much each figure of the whole network exceeds that of the network without a part: `nn1-lost:layer-7`.

    Both are taken over the same halves of the languages, so that the interval is of the difference.
    """
    drawn = draw_halves(len(network.ids), options.subsamples, np.random.default_rng(seed))
    on = [network.ids, *([network.ids[place] for place in half] for half in drawn)]

    def values(chosen: Chosen) -> dict[Key, Float64]:
        return _wanted(network, network.judged(Portion("", chosen), options.seeds), on, options)

    everything = values(np.ones_like(portions[0].chosen)) if portions else {}
    for portion in portions:
        rest = values(~portion.chosen)
        for key in (key for key in everything if key in rest):
            name = f"{key[-1]}-lost:{network.prefix}{portion.name}"
            yield from _loss(key, name, everything[key] - rest[key], network.size(key[1]))


def _wanted(
    network: Network, judged: Evaluation, on: Sequence[Sequence[str]], options: LayersOptions
) -> dict[Key, Float64]:
    """(parts,) the values of the chosen figures on each list of languages."""
    found = values_of_levels(EVALUATOR, network.levels, judged, on)
    return {key: values for key, values in found.items() if key[-1] in options.figures}


def _loss(key: Key, name: str, lost: Float64, n: int) -> Iterator[Metric]:
    """The row, none where the difference is undefined."""
    value = float(lost[0])
    if np.isfinite(value):
        found, error = paired_difference(value, lost[1:], n), half_error(lost[1:], n)
        yield Metric(
            EVALUATOR, name, value, n, key[2], key[1], sd=error, p=found.p, ci_low=found.low, ci_high=found.high
        )
