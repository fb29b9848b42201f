"""Metrics of the classes in the distances, without any clustering."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix
from langgeo_glottolog.figures import Measure
from langgeo_glottolog.geometry import in_company, neighbour_agreement, neighbour_weights, silhouette
from langgeo_glottolog.sample import Sample

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

NEIGHBOURS = (1, 3, 5)
"""How many nearest neighbours are looked at."""


def distance_measures(sample: Sample, distances: DistanceMatrix) -> list[Measure]:
    """`silhouette` and `nn1`, `nn3`, `nn5` of the sample's classes."""
    values = distances.subset(sample.ids).values
    return [_silhouette(sample, values), *(_neighbours(sample, values, count) for count in NEIGHBOURS)]


def _silhouette(sample: Sample, distances: Float64) -> Measure:
    def shuffled(orders: Int64) -> dict[str, Float64]:
        return {"silhouette": np.array([silhouette(distances, sample.classes[order]) for order in orders])}

    def on(parts: Int64) -> dict[str, Float64]:
        found = [silhouette(distances[np.ix_(part, part)], sample.classes[part]) for part in parts]
        return {"silhouette": np.array(found)}

    return Measure({"silhouette": np.array([silhouette(distances, sample.classes)])}, shuffled, on)


def _neighbours(sample: Sample, distances: Float64, count: int) -> Measure:
    name, weights = f"nn{count}", neighbour_weights(distances, count)

    def shuffled(orders: Int64) -> dict[str, Float64]:
        return {name: np.array([neighbour_agreement(weights, sample.classes[order]) for order in orders])}

    def on(parts: Int64) -> dict[str, Float64]:
        near = [neighbour_weights(distances[np.ix_(part, part)], count) for part in parts]
        pairs = zip(near, parts, strict=True)
        return {name: np.array([neighbour_agreement(own, sample.classes[part]) for own, part in pairs])}

    value = np.array([neighbour_agreement(weights, sample.classes)])
    return Measure({name: value}, shuffled, on, scored={name: int(in_company(sample.classes).sum())})
