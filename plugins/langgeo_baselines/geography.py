"""How far apart on earth languages are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import BaselineContext, DistanceMatrix, Language

Float64 = NDArray[np.float64]

EARTH_RADIUS = 6371.0088
"""Mean radius in kilometres (IUGG)."""


class Geography:
    """Great-circle distance in kilometres between Glottolog's one point for each language."""

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language without coordinates."""
        return DistanceMatrix(
            tuple(language.id for language in context.languages), great_circles(places(context.languages))
        )


def places(languages: Sequence[Language]) -> Float64:
    """(n, 2) latitude and longitude in degrees, NaN where unknown."""
    pairs = [(language.latitude, language.longitude) for language in languages]
    return np.array([[np.nan if degrees is None else degrees for degrees in pair] for pair in pairs])


def great_circles(degrees: Float64) -> Float64:
    """(n, n) kilometres on a sphere from (n, 2) latitudes and longitudes, by the haversine formula."""
    latitude, longitude = np.radians(degrees).T
    across = np.sin((longitude[:, np.newaxis] - longitude) / 2) ** 2
    along = np.sin((latitude[:, np.newaxis] - latitude) / 2) ** 2
    haversine = along + np.cos(latitude)[:, np.newaxis] * np.cos(latitude) * across
    kilometres: Float64 = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(haversine, 0.0, 1.0)))
    np.fill_diagonal(kilometres, 0.0)
    return kilometres
