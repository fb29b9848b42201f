"""Transforms that keep the order of the pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langgeo_aggregators.api import scaled_ranks
from langgeo_core.api import DistanceMatrix, Language


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
