"""Aggregators that combine matrices pair by pair and skip missing pairs: mean, median, mean of ranks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from langgeo_aggregators.options import MeanOptions, MedianOptions
from langgeo_core.api import DistanceMatrix, NumericalError, UserError

Float64 = NDArray[np.float64]


class Mean:
    """The mean over models and corpora (Shamrai & Hamolia 2025).

    If pairs are missing, the matrices must first be brought to a common scale: otherwise different pairs are averaged
    on different scales. A pair that no matrix has stays missing.
    """

    def __init__(self, options: MeanOptions) -> None:
        self._options = options

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        """The mean of matrices with the same ids.

        Raises
        ------
        NumericalError
            If a common scale is needed and no pair of languages is in all matrices.
        UserError
            If a weight names an unknown matrix.
        """
        weights = self._weights(list(matrices))
        ids, stacked = stack(matrices)
        return DistanceMatrix(ids, mean_of_present(scaled(stacked, self._options.normalise), weights))

    def among(self, names: Collection[str]) -> Mean:
        """The mean of these matrices alone; weights of others are left out."""
        own = {name: weight for name, weight in self._options.weights.items() if name in names}
        return Mean(self._options.model_copy(update={"weights": own}))

    def _weights(self, names: list[str]) -> Float64:
        weights = self._options.weights
        unknown = sorted(weights.keys() - set(names))
        if unknown:
            raise UserError(
                f"unknown matrix in aggregator.weights: {', '.join(unknown)}",
                f"the matrices are {', '.join(names)}",
            )
        return np.array([weights.get(name, 1.0) for name in names])


class Median:
    """The median over models and corpora, pair by pair: robust to one outlying matrix.

    Missing pairs are treated as in `mean`. A median of metrics need not satisfy the triangle inequality.
    """

    def __init__(self, options: MedianOptions) -> None:
        self._options = options

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        """The median of matrices with the same ids; a pair that no matrix has stays missing.

        Raises
        ------
        NumericalError
            If a common scale is needed and no pair of languages is in all matrices.
        """
        ids, stacked = stack(matrices)
        nowhere = np.isnan(stacked).all(axis=0)
        filled = np.where(nowhere, 0.0, scaled(stacked, self._options.normalise))
        return DistanceMatrix(ids, np.where(nowhere, np.nan, np.nanmedian(filled, axis=0)))


class RankMean:
    """The mean over models and corpora of each distance's rank within its matrix.

    The m pairs of a matrix get the ranks 1/m to 1, equal distances their mean rank; distances of zero stay zero. Only
    the order of the distances matters: an increasing function of a matrix that keeps zero does not change the result.
    In a matrix with missing pairs, the pairs that it has are ranked.
    """

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        """The mean rank over matrices with the same ids; a pair that no matrix has stays missing."""
        ids, stacked = stack(matrices)
        ranks = np.stack([scaled_ranks(values) for values in stacked])
        return DistanceMatrix(ids, mean_of_present(ranks, np.ones(len(ranks))))


def scaled_ranks(distances: Float64) -> Float64:
    """(n, n) ranks of the pairs divided by their number; zeros stay zero, missing pairs stay missing.

    Examples
    --------
    >>> scaled_ranks(np.array([[0, 7.0, 9.0], [7.0, 0, 7.0], [9.0, 7.0, 0]]))
    array([[0. , 0.5, 1. ],
           [0.5, 0. , 0.5],
           [1. , 0.5, 0. ]])
    """
    pairs = squareform(distances, checks=False)
    present = ~np.isnan(pairs)
    ranks = rankdata(pairs, nan_policy="omit") / max(present.sum(), 1)
    square: Float64 = squareform(np.where(pairs == 0, 0.0, ranks))
    return square


def stack(matrices: Mapping[str, DistanceMatrix]) -> tuple[tuple[str, ...], Float64]:
    """The ids, which all matrices share, and the (matrices, n, n) values."""
    ids = next(iter(matrices.values())).ids
    return ids, np.stack([matrix.values for matrix in matrices.values()])


def scaled(stacked: Float64, normalise: Literal["auto", "always", "never"]) -> Float64:
    """The matrices on a common scale, the mean of their means, if `normalise` asks for it.

    Raises
    ------
    NumericalError
        If scales are needed and fewer than two languages are in every matrix.
    """
    missing = bool(np.isnan(stacked).any())
    wanted = normalise == "always" or (normalise == "auto" and missing)
    return _common_scale(stacked) if wanted and len(stacked) > 1 else stacked


def _common_scale(stacked: Float64) -> Float64:
    everywhere = ~np.isnan(stacked).any(axis=0) & ~np.eye(stacked.shape[1], dtype=bool)
    if not everywhere.any():
        raise NumericalError(
            "no pair of languages is in all matrices, so their scales cannot be compared",
            "remove a model or corpus, or set aggregator.normalise=never",
        )
    means = stacked[:, everywhere].mean(axis=1)
    scales = np.where(means > 0, means, 1.0)
    common: Float64 = stacked / scales[:, None, None] * means.mean()
    return common


def mean_of_present(stacked: Float64, weights: Float64) -> Float64:
    """The mean over the matrices that have a pair, with (matrices,) positive weights; NaN if none has it.

    Examples
    --------
    >>> mean_of_present(np.array([[[2.0]], [[np.nan]], [[5.0]]]), np.array([1.0, 9.0, 2.0]))
    array([[4.]])
    """
    by_matrix = weights[:, None, None]
    present = (~np.isnan(stacked) * by_matrix).sum(axis=0)
    total = np.nansum(stacked * by_matrix, axis=0)
    return np.where(present > 0, total / np.where(present > 0, present, 1.0), np.nan)
