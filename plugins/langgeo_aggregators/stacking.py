"""Several matrices as one array, and on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, NumericalError

Float64 = NDArray[np.float64]


def stack(matrices: Mapping[str, DistanceMatrix]) -> tuple[tuple[str, ...], Float64]:
    """The ids that the matrices share, and their values (matrices, n, n)."""
    ids = next(iter(matrices.values())).ids
    return ids, np.stack([matrix.values for matrix in matrices.values()])


def scaled(stacked: Float64, normalise: Literal["auto", "always", "never"]) -> Float64:
    """The matrices on the scale of the mean of their means, where that is wanted.

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
            "no pair of languages is in every matrix, so their scales cannot be compared",
            "drop a model or corpus, or set aggregator.normalise=never",
        )
    means = stacked[:, everywhere].mean(axis=1)
    scales = np.where(means > 0, means, 1.0)
    common: Float64 = stacked / scales[:, None, None] * means.mean()
    return common


def mean_of_present(stacked: Float64, weights: Float64) -> Float64:
    """The mean over the matrices that have a pair, weights (matrices,) positive; NaN where none has it.

    Examples
    --------
    >>> mean_of_present(np.array([[[2.0]], [[np.nan]], [[5.0]]]), np.array([1.0, 9.0, 2.0]))
    array([[4.]])
    """
    by_matrix = weights[:, None, None]
    present = (~np.isnan(stacked) * by_matrix).sum(axis=0)
    total = np.nansum(stacked * by_matrix, axis=0)
    return np.where(present > 0, total / np.where(present > 0, present, 1.0), np.nan)
