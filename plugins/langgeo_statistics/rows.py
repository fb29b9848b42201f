"""From a value, its shuffles and its halves to a row of metrics.csv."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Metric
from langgeo_glottolog.resampling import Null, compare_with_null, half_error, half_interval

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Figure:
    """A metric with everything its row is made of.

    Parameters
    ----------
    n : languages it is taken over
    halved : (subsamples,) of it on halves of the languages, or None
    shuffled : (permutations,) of it under shuffled labels, or None
    bounds : the least and the greatest value it can take
    falls : whether it is the small values that chance seldom reaches
    """

    name: str
    value: float
    n: int
    halved: Float64 | None = None
    shuffled: Float64 | None = None
    bounds: tuple[float, float] = (-np.inf, np.inf)
    falls: bool = False


def as_metrics(evaluator: str, figures: Iterable[Figure]) -> list[Metric]:
    """The rows; a figure that is undefined has none."""
    return list(_rows(evaluator, figures))


def _rows(evaluator: str, figures: Iterable[Figure]) -> Iterator[Metric]:
    for figure in figures:
        if not np.isfinite(figure.value):
            continue
        null, (low, high) = _null(figure), _interval(figure)
        yield Metric(
            evaluator,
            figure.name,
            figure.value,
            figure.n,
            sd=None if figure.halved is None else half_error(figure.value, figure.halved, figure.n),
            null_mean=null.mean if null else None,
            null_sd=null.sd if null else None,
            p=null.p if null else None,
            ci_low=low,
            ci_high=high,
        )


def _null(figure: Figure) -> Null | None:
    if figure.shuffled is None:
        return None
    if not figure.falls:
        return compare_with_null(figure.value, figure.shuffled)
    mirrored = compare_with_null(-figure.value, -figure.shuffled)
    return Null(-mirrored.mean, mirrored.sd, mirrored.p)


def _interval(figure: Figure) -> tuple[float, float] | tuple[None, None]:
    if figure.halved is None:
        return None, None
    return half_interval(figure.value, figure.halved, figure.n, figure.bounds) or (None, None)
