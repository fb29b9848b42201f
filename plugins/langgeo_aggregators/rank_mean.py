"""The mean of ranks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from langgeo_aggregators.stacking import Float64, mean_of_present, stack
from langgeo_core.api import DistanceMatrix


class RankMean:
    """The mean over models and corpora of each distance's rank within its matrix.

    The m pairs that a matrix has get the ranks 1/m to 1, equal distances their mean rank; pairs at distance zero stay
    at zero, so that languages that no matrix tells apart are not told apart. Only the order counts: any increasing
    change of a matrix's scale that keeps zero leaves the result as it is. A matrix that lacks languages is ranked among
    what it has.
    """

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        """The mean rank over matrices with the same ids; a pair that no matrix has stays missing."""
        ids, stacked = stack(matrices)
        ranks = np.stack([scaled_ranks(values) for values in stacked])
        return DistanceMatrix(ids, mean_of_present(ranks, np.ones(len(ranks))))


def scaled_ranks(distances: Float64) -> Float64:
    """(n, n) ranks of the pairs over their number; zero for zero, missing for missing.

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
