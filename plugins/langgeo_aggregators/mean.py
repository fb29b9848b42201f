"""The mean that skips what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from langgeo_aggregators.options import MeanOptions
from langgeo_aggregators.stacking import Float64, mean_of_present, scaled, stack
from langgeo_core.api import DistanceMatrix, UserError


class Mean:
    """The mean over models and corpora (Shamrai & Hamolia 2025).

    A mean that skips missing pairs mixes scales and breaks the geometry unless the matrices are brought to one scale
    first. A pair that no matrix has stays missing.
    """

    def __init__(self, options: MeanOptions) -> None:
        self._options = options

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        """The mean of matrices over the same ids.

        Raises
        ------
        NumericalError
            If scales are needed and fewer than two languages are in every matrix.
        UserError
            If weights are given to a matrix that is not there.
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
                f"aggregator.weights names {', '.join(unknown)}, and there is no such matrix",
                f"there are: {', '.join(names)}",
            )
        return np.array([weights.get(name, 1.0) for name in names])
