"""Baselines from what is known of the languages: script, place, and position in Glottolog's classification."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import BaselineContext, DistanceMatrix, Language, one_script
from langgeo_glottolog.api import path_of

Float64 = NDArray[np.float64]

EARTH_RADIUS = 6371.0088
"""Mean radius in kilometres (IUGG)."""


def script_distances(languages: Sequence[Language]) -> DistanceMatrix:
    """1 between languages in different scripts, 0 within one; missing where the script is unknown.

    Codes of one script, such as `Hans` and `Hant`, count as one; see `one_script`.
    """
    scripts = np.array([one_script(language.script) for language in languages])
    values = (scripts[:, np.newaxis] != scripts).astype(np.float64)
    values[scripts == ""] = values[:, scripts == ""] = np.nan
    np.fill_diagonal(values, 0.0)
    return DistanceMatrix(tuple(language.id for language in languages), values)


class Geography:
    """Great-circle distance in kilometres between Glottolog's coordinates of the languages."""

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language without coordinates."""
        ids = tuple(language.id for language in context.languages)
        return DistanceMatrix(ids, great_circles(places(context.languages)))


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


class GlottologTree:
    """1 − 2·shared / (depth + depth): 1 minus the similarity of Wu & Palmer 1994.

    `shared` counts the nodes from the family down that two languages have in common, themselves included; `depth` is
    the length of a language's own path. Languages of different families, and isolates from all others, are at distance
    1; two texts of one languoid are at 0. Pseudo-families are left out of the paths: they have no common ancestor.
    """

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language that Glottolog does not know."""
        values = tree_distances([path_of(language) for language in context.languages])
        return DistanceMatrix(tuple(language.id for language in context.languages), values)


def tree_distances(paths: Sequence[Sequence[str]]) -> Float64:
    """(n, n) from 0, the same node, to 1, nothing in common; NaN where a path is empty, but for itself."""
    lengths = np.array([len(path) for path in paths])
    alike = np.ones((len(paths), len(paths)), dtype=bool)
    shared = np.zeros((len(paths), len(paths)))
    for depth in range(lengths.max(initial=0)):
        nodes = np.array([path[depth] if depth < len(path) else "" for path in paths])
        alike &= (nodes[:, None] == nodes) & (nodes != "")
        shared += alike
    with np.errstate(invalid="ignore"):
        values: Float64 = 1 - 2 * shared / np.add.outer(lengths, lengths)
    values[(lengths == 0)[:, None] | (lengths == 0)] = np.nan
    np.fill_diagonal(values, 0.0)
    return values
