"""Transforms of each distance on its own, by its rank, or by how far the neighbours of both languages are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_aggregators.api import scaled_ranks
from langgeo_core.api import DistanceMatrix, Language, NumericalError
from langgeo_transforms.options import LocalScalingOptions


class SquareRoot:
    """√d: on bits, Hamming distances are squared Euclidean ones, and so are means of complete matrices of them."""

    def transform(self, distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
        """The root of each entry; a missing pair stays missing."""
        return DistanceMatrix(distances.ids, np.sqrt(distances.values))


class Rank:
    """The ranks of the m pairs over m, equal distances their mean rank; zero stays zero."""

    def transform(self, distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
        """Between 0 and 1; a missing pair stays missing."""
        return DistanceMatrix(distances.ids, scaled_ranks(distances.values))


Float64 = NDArray[np.float64]


class LocalScaling:
    """d² / σ_i σ_j with σ_i the distance of language i to its K-th neighbour (Zelnik-Manor & Perona 2004).

    A language whose neighbours are all near (a hub, or one of many relatives) has its distances enlarged, one whose
    neighbours are all far (an isolate, or a text in bad condition) has them shrunk. The form `affinity` is
    1 - exp(-d² / σ_i σ_j), one less the published affinity (as Schnitzer et al. 2012 use it against hubs); `ratio` is
    the root of the exponent, d / √(σ_i σ_j). Both order all pairs alike.
    """

    def __init__(self, options: LocalScalingOptions) -> None:
        self._options = options

    def transform(self, distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
        """Zero where the distance is zero.

        Raises
        ------
        NumericalError
            If pairs are missing, or under `ratio` a language has K others at distance zero and some that are not.
        """
        distances.require_complete("local-scaling")
        exponents = scaled_squares(distances.values, self._options.neighbours)
        if self._options.form == "affinity":
            return DistanceMatrix(distances.ids, -np.expm1(-exponents))
        endless = np.flatnonzero(np.isinf(exponents).any(axis=1))
        if endless.size:
            ids = ", ".join(distances.ids[place] for place in endless)
            raise NumericalError(
                f"local-scaling has no scale for pairs of {ids}: too many languages are at distance zero",
                "raise its option neighbours, or leave copies of a language out",
            )
        return DistanceMatrix(distances.ids, np.sqrt(exponents))


def scaled_squares(distances: Float64, neighbours: int) -> Float64:
    """(n, n) d² / σ_i σ_j; infinite where σ_i σ_j is zero and d is not.

    Examples
    --------
    >>> scaled_squares(np.array([[0, 1.0, 4.0], [1.0, 0, 3.0], [4.0, 3.0, 0]]), neighbours=1)
    array([[0.        , 1.        , 5.33333333],
           [1.        , 0.        , 3.        ],
           [5.33333333, 3.        , 0.        ]])
    """
    place = min(neighbours, len(distances) - 1)
    sigma = np.sort(distances, axis=1)[:, place]
    scales = np.sqrt(sigma[:, np.newaxis] * sigma)
    ratios = np.divide(distances, scales, out=np.where(distances > 0, np.inf, 0.0), where=scales > 0)
    squares: Float64 = ratios**2
    return squares
