"""From a value, its shuffles and its halves to a row of metrics.csv; and values alone, on parts of the languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Evaluation, Metric, half_error, half_interval
from langgeo_glottolog.resampling import Null, compare_with_null

Float64 = NDArray[np.float64]
Question = tuple[str, str, str, str]
"""As `Metric.question`: evaluator, level, clusterer, metric."""


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


Figures = Iterable[Figure]


def as_metrics(evaluator: str, figures: Figures) -> list[Metric]:
    """The rows; a figure that is undefined has none."""
    return list(_rows(evaluator, figures))


def values_on(
    evaluator: str, evaluation: Evaluation, parts: Sequence[Sequence[str]], figures: Callable[[Evaluation], Figures]
) -> dict[Question, Float64]:
    """(parts,) the value of every figure on each list of languages, NaN where it is undefined.

    Parameters
    ----------
    figures : of the languages and distances of an evaluation, which need not be resampled
    """
    known = {language.id: language for language in evaluation.languages}
    found: dict[Question, Float64] = {}
    for place, ids in enumerate(parts):
        part = replace(
            evaluation, languages=tuple(known[one] for one in ids), distances=evaluation.distances.subset(ids)
        )
        for figure in figures(part):
            question = (evaluator, "", "", figure.name)
            found.setdefault(question, np.full(len(parts), np.nan))[place] = figure.value
    return found


def _rows(evaluator: str, figures: Figures) -> Iterator[Metric]:
    for figure in figures:
        if not np.isfinite(figure.value):
            continue
        null, (low, high) = _null(figure), _interval(figure)
        yield Metric(
            evaluator,
            figure.name,
            figure.value,
            figure.n,
            sd=None if figure.halved is None else half_error(figure.halved, figure.n),
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
