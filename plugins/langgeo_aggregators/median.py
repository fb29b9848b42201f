"""The median that skips what is missing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from langgeo_aggregators.options import MedianOptions
from langgeo_aggregators.stacking import scaled, stack
from langgeo_core.api import DistanceMatrix


class Median:
    """The median over models and corpora, pair by pair: one odd matrix does not move it.

    Missing pairs are treated as by the mean. The median of metrics need not keep the triangle inequality.
    """

    def __init__(self, options: MedianOptions) -> None:
        self._options = options

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        """The median of matrices over the same ids; a pair that no matrix has stays missing.

        Raises
        ------
        NumericalError
            If scales are needed and fewer than two languages are in every matrix.
        """
        ids, stacked = stack(matrices)
        nowhere = np.isnan(stacked).all(axis=0)
        filled = np.where(nowhere, 0.0, scaled(stacked, self._options.normalise))
        return DistanceMatrix(ids, np.where(nowhere, np.nan, np.nanmedian(filled, axis=0)))
