"""Metrics of the classes in the distances, without any clustering."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Metric
from langgeo_glottolog.figures import Figure, as_metric
from langgeo_glottolog.geometry import in_company, neighbour_agreement, neighbour_weights, silhouette
from langgeo_glottolog.sample import Sample

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def distance_metrics(sample: Sample, distances: DistanceMatrix) -> list[Metric]:
    """`silhouette` and `nn1` of the sample's classes; one that is undefined has no row."""
    values = distances.subset(sample.ids).values
    return [as_metric(figure, sample) for figure in _figures(sample, values) if np.isfinite(figure.values).all()]


def _figures(sample: Sample, distances: Float64) -> Iterator[Figure]:
    yield _silhouette(sample, distances)
    yield _neighbours(sample, distances)


def _silhouette(sample: Sample, distances: Float64) -> Figure:
    value, shuffled = _against_shuffles(lambda classes: silhouette(distances, classes), sample)
    halved = [silhouette(distances[np.ix_(half, half)], sample.classes[half]) for half in sample.halved]
    return Figure("silhouette", value, shuffled, np.array(halved), (-1.0, 1.0))


def _neighbours(sample: Sample, distances: Float64) -> Figure:
    weights = neighbour_weights(distances)
    value, shuffled = _against_shuffles(lambda classes: neighbour_agreement(weights, classes), sample)
    halved = [
        neighbour_agreement(neighbour_weights(distances[np.ix_(half, half)]), sample.classes[half])
        for half in sample.halved
    ]
    scored = int(in_company(sample.classes).sum())
    return Figure("nn1", value, shuffled, np.array(halved), (0.0, 1.0), scored)


def _against_shuffles(statistic: Callable[[Int64], float], sample: Sample) -> tuple[Float64, Float64]:
    value = statistic(sample.classes)
    shuffled = [statistic(sample.classes[order]) for order in sample.shuffled] if np.isfinite(value) else []
    return np.array([value]), np.array(shuffled)
