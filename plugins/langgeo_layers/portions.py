"""The parts of a network that are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import WeightMatrix

Chosen = NDArray[np.bool_]
Matrices = Sequence[WeightMatrix]


@dataclass(frozen=True, eq=False)
class Portion:
    """Some weight matrices of a model.

    Parameters
    ----------
    name : as the rows of metrics.csv have it: `whole`, `layer-7`, `module-mlp.down_proj`,
        `matrix-7-mlp.down_proj` or `depth-0.25-0.50`
    chosen : (matrices,) which they are
    """

    name: str
    chosen: Chosen


def whole(matrices: Matrices) -> Portion:
    """All of them."""
    return Portion("whole", np.ones(len(matrices), dtype=bool))


def portions(matrices: Matrices, kind: str, ranges: int) -> list[Portion]:
    """Every layer, module, weight matrix or range of depth that has something in it and is not the whole network."""
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
    """A layer is in the range that its middle lies in, as in the key `parts` of a config."""
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
