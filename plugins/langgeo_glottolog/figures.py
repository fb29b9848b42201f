"""From values, shuffled values and values on parts to a printed row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Metric, half_error, half_interval
from langgeo_glottolog.resampling import compare_with_null
from langgeo_glottolog.sample import Resampled, Sample

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

BOUNDS = {
    "ari": (-0.5, 1.0),
    "ami": (-1.0, 1.0),
    "v_measure": (0.0, 1.0),
    "purity": (0.0, 1.0),
    "noise": (0.0, 1.0),
    "silhouette": (-1.0, 1.0),
}
"""The least and the greatest value of each metric; those that are not here are shares."""


@dataclass(frozen=True)
class Measure:
    """Metrics of a sample that are computed together, as functions of where they are taken.

    Parameters
    ----------
    values : the values over the whole sample, (seeds,) of each metric
    shuffled : from orders (batch, n) of the sample to the metrics under classes in that order, (batch,) of each
    on : from positions (batch, m) to the metrics on those languages alone, (batch,) of each; NaN where undefined
    """

    values: Mapping[str, Float64]
    shuffled: Callable[[Int64], Mapping[str, Float64]]
    on: Callable[[Int64], Mapping[str, Float64]]
    clusterer: str = ""
    k: int | None = None
    scored: Mapping[str, int] = field(default_factory=dict)
    """Languages that a metric is taken over, where not the whole sample."""


def as_metrics(measure: Measure, sample: Sample, resampled: Resampled) -> list[Metric]:
    """The rows of metrics.csv; a metric that is undefined has none."""
    names = [name for name, values in measure.values.items() if np.isfinite(values).all()]
    if not names:
        return []
    shuffled, halved = measure.shuffled(resampled.shuffled), measure.on(resampled.halved)
    within = None if resampled.within is None else measure.shuffled(resampled.within)
    distinct = None if resampled.distinct is None else measure.on(resampled.distinct[np.newaxis])
    return [
        Metric(
            evaluator=sample.evaluator,
            metric=name,
            clusterer=measure.clusterer,
            level=sample.level,
            n=measure.scored.get(name, len(sample.ids)),
            k=measure.k,
            **_spread(name, measure.values[name], halved[name], len(sample.ids)),
            **_null(measure.values[name], shuffled[name]),
            **_within(measure.values[name], None if within is None else within[name]),
            **_distinct(None if distinct is None else distinct[name], resampled),
        )
        for name in names
    ]


def _spread(name: str, values: Float64, halved: Float64, n: int) -> dict[str, Any]:
    """Value, spread and interval; a single value's spread is its standard error over languages."""
    value, seeds = float(values.mean()), len(values)
    low, high = half_interval(value, halved, n, BOUNDS.get(name, (0.0, 1.0))) or (None, None)
    sd = float(values.std(ddof=1)) if seeds > 1 else half_error(halved, n)
    return {"value": value, "sd": sd, "seeds": seeds, "ci_low": low, "ci_high": high}


def _null(values: Float64, shuffled: Float64) -> dict[str, Any]:
    null = compare_with_null(float(values.mean()), shuffled)
    return {"null_mean": null.mean, "null_sd": null.sd, "p": null.p}


def _within(values: Float64, shuffled: Float64 | None) -> dict[str, Any]:
    if shuffled is None:
        return {}
    null = compare_with_null(float(values.mean()), shuffled)
    return {"script_null_mean": null.mean, "script_null_sd": null.sd, "script_p": null.p}


def _distinct(values: Float64 | None, resampled: Resampled) -> dict[str, Any]:
    if values is None or resampled.distinct is None or not np.isfinite(values[0]):
        return {}
    return {"distinct": float(values[0]), "distinct_n": len(resampled.distinct)}
