"""From values, shuffled values and values on halves to a printed row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Metric
from langgeo_glottolog.resampling import compare_with_null, half_error, half_interval
from langgeo_glottolog.sample import Sample

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Figure:
    """A metric with everything its row is made of.

    Parameters
    ----------
    values : (seeds,), of which the mean is printed
    shuffled : (permutations,) of that mean under shuffled labels
    halved : (subsamples,) of that mean on halves of the languages
    bounds : the least and the greatest value it can take
    n : languages it is taken over, if not the whole sample
    """

    name: str
    values: Float64
    shuffled: Float64
    halved: Float64
    bounds: tuple[float, float]
    n: int | None = None


def as_metric(figure: Figure, sample: Sample, clusterer: str = "", k: int | None = None) -> Metric:
    """The row of metrics.csv; a single value's spread is its standard error over languages."""
    value, seeds, n = float(figure.values.mean()), len(figure.values), len(sample.ids)
    null = compare_with_null(value, figure.shuffled)
    low, high = half_interval(value, figure.halved, n, figure.bounds) or (None, None)
    return Metric(
        evaluator=sample.evaluator,
        metric=figure.name,
        value=value,
        n=n if figure.n is None else figure.n,
        clusterer=clusterer,
        level=sample.level,
        sd=float(figure.values.std(ddof=1)) if seeds > 1 else half_error(value, figure.halved, n),
        seeds=seeds,
        null_mean=null.mean,
        null_sd=null.sd,
        p=null.p,
        ci_low=low,
        ci_high=high,
        k=k,
    )
