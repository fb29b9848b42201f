"""How far apart languages are by what typologists, maps and classifications say of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langgeo_baselines.options import UrielGeneticOptions, UrielOptions
from langgeo_baselines.uriel_data import vectors
from langgeo_core.api import BaselineContext, DistanceMatrix

Float64 = NDArray[np.float64]


class Uriel:
    """Distance between vectors of documented features or of places (Littell et al. 2017)."""

    def __init__(self, options: UrielOptions) -> None:
        self._options = options

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a pair of which too few features are documented."""
        return _matrix(context, self._options.features, self._options.metric, self._options.shared)


class UrielGenetic:
    """Distance between vectors that the classification of languages has gone into (Littell et al. 2017)."""

    def __init__(self, options: UrielGeneticOptions) -> None:
        self._options = options

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language that URIEL lacks or has no family for."""
        return _matrix(context, self._options.features, self._options.metric, 1)


def _matrix(context: BaselineContext, features: str, metric: str, least: int) -> DistanceMatrix:
    found = vectors([language.iso639_3 for language in context.languages], features)
    return DistanceMatrix(tuple(language.id for language in context.languages), vector_distances(found, metric, least))


def vector_distances(values: Float64, metric: str, least: int) -> Float64:
    """(n, n) from (n, features), over the features that both rows have; NaN where those are fewer than `least`.

    `cosine` is 1 − x·y / (‖x‖ ‖y‖), NaN where a vector is zero; `euclidean` is √(Σ (x − y)² / features).
    """
    measure = {"cosine": _cosine, "euclidean": _euclidean}[metric]
    distances = np.zeros((len(values), len(values)))
    for row in range(len(values) - 1):
        both = ~np.isnan(values[row]) & ~np.isnan(values[row + 1 :])
        one, others = np.where(both, values[row], 0.0), np.where(both, values[row + 1 :], 0.0)
        shared = both.sum(axis=1)
        with np.errstate(invalid="ignore"):
            found = np.where(shared < least, np.nan, measure(one, others, shared))
        distances[row, row + 1 :] = distances[row + 1 :, row] = found
    return distances


def _cosine(one: Float64, others: Float64, shared: NDArray[np.int64]) -> Float64:
    lengths = np.sqrt((one**2).sum(axis=1) * (others**2).sum(axis=1))
    cosines: Float64 = (one * others).sum(axis=1) / lengths
    return np.clip(1 - cosines, 0.0, 2.0)


def _euclidean(one: Float64, others: Float64, shared: NDArray[np.int64]) -> Float64:
    means: Float64 = ((one - others) ** 2).sum(axis=1) / shared
    return np.sqrt(means)
