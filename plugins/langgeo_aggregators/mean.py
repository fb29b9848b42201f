"""The mean that skips what is missing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from langgeo_aggregators.options import MeanOptions
from langgeo_core.api import DistanceMatrix, NumericalError

Float64 = NDArray[np.float64]


class Mean:
    """The mean over models and corpora (Shamrai & Hamolia 2025).

    A mean that skips missing pairs mixes scales and breaks the geometry unless the matrices are brought to one scale
    first. A pair that no matrix has stays missing.
    """

    def __init__(self, options: MeanOptions) -> None:
        self.normalise = options.normalise

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        """The mean of matrices over the same ids.

        Raises
        ------
        NumericalError
            If scales are needed and fewer than two languages are in every matrix.
        """
        ids = next(iter(matrices.values())).ids
        stacked = np.stack([matrix.values for matrix in matrices.values()])
        missing = bool(np.isnan(stacked).any())
        if len(stacked) > 1 and (self.normalise == "always" or (self.normalise == "auto" and missing)):
            stacked = _common_scale(stacked)
        present = (~np.isnan(stacked)).sum(axis=0)
        total = np.nansum(stacked, axis=0)
        mean = np.where(present > 0, total / np.maximum(present, 1), np.nan)
        return DistanceMatrix(ids, mean)


def _common_scale(stacked: Float64) -> Float64:
    everywhere = ~np.isnan(stacked).any(axis=0) & ~np.eye(stacked.shape[1], dtype=bool)
    if not everywhere.any():
        raise NumericalError(
            "no pair of languages is in every matrix, so their scales cannot be compared",
            "drop a model or corpus, or set aggregator.normalise=never",
        )
    means = stacked[:, everywhere].mean(axis=1)
    scales = np.where(means > 0, means, 1.0)
    scaled: Float64 = stacked / scales[:, None, None] * means.mean()
    return scaled
