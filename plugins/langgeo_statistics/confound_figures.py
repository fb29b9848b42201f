"""The figures of confounds: Mantel's correlations, and the shares of a regression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_statistics.correlations import Correlations
from langgeo_statistics.regression import alone, explained, shares, unique, unique_by_chance
from langgeo_statistics.rows import Figure

Float64 = NDArray[np.float64]


def mantel(kind: str, names: Sequence[str], found: Correlations, n: int) -> Iterator[Figure]:
    """`<kind>:<predictor>`; p is the chance of a correlation as large, one-sided."""
    for place, name in enumerate(names):
        yield Figure(
            f"{kind}:{name}",
            float(found.value[0, place + 1]),
            n,
            found.halved[:, 0, place + 1],
            found.shuffled[:, place],
            (-1.0, 1.0),
        )


def regression(names: Sequence[str], found: Correlations, crossed: Float64, n: int) -> Iterator[Figure]:
    """`mrm-r2`, then of every predictor `mrm-share`, `mrm-unique` and `mrm-alone`.

    A share has no null of its own: it is made of what predictors explain together as well.

    Parameters
    ----------
    crossed : (permutations, 1 + predictors, predictors) as `correlations.crossed` gives them
    """
    if not names:
        return
    every = np.concatenate([found.value[np.newaxis], found.halved])
    parts = every[:, 1:, 1:], every[:, 0, 1:]
    among, between = parts[0][0], parts[1][0]
    whole = explained(*parts)
    yield Figure("mrm-r2", float(whole[0]), n, whole[1:], explained(among, found.shuffled), (0.0, 1.0))
    by_chance = unique_by_chance(among, between, crossed)
    yield from _each("mrm-share", names, shares(*parts), n, None)
    yield from _each("mrm-unique", names, unique(*parts), n, by_chance)
    yield from _each("mrm-alone", names, alone(parts[1]), n, alone(found.shuffled))


def _each(kind: str, names: Sequence[str], values: Float64, n: int, shuffled: Float64 | None) -> Iterator[Figure]:
    """Of every predictor, from (1 + subsamples, predictors) values, those over all languages first."""
    for place, name in enumerate(names):
        null = None if shuffled is None else shuffled[:, place]
        yield Figure(f"{kind}:{name}", float(values[0, place]), n, values[1:, place], null, (0.0, 1.0))
