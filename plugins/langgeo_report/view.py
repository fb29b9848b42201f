"""What every picture of a run is drawn from, computed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Language, Run
from langgeo_report.classes import Classes, Group, chosen_level, class_levels, grouped
from langgeo_report.frame import Frame
from langgeo_report.tree import Edge, spanning_tree

Float64 = NDArray[np.float64]

# Longitude and latitude: the map's corners, what it shows about the outermost places, the least it shows.
EARTH = np.array([(-180.0, -58.0), (180.0, 84.0)])
EARTH_MARGIN = np.array([14.0, 9.0])
EARTH_LEAST = np.array([90.0, 45.0])


@dataclass(frozen=True, eq=False)
class View:
    """A run as its pictures need it; everything is in the order of the languages.

    Parameters
    ----------
    coordinates : (n, axes), as the embedder gave them
    shares : (axes,) of the sum of the positive eigenvalues, empty where the embedder has none
    level : the level that colours the points at first
    """

    languages: tuple[Language, ...]
    distances: DistanceMatrix
    coordinates: Float64
    eigenvalues: Float64
    shares: Float64
    edges: tuple[Edge, ...]
    levels: Mapping[str, Classes]
    level: str

    @classmethod
    def of(cls, run: Run, colour_by: str = "") -> View:
        """Read a run's pictures' worth."""
        levels = class_levels(run)
        embedding = run.embedding
        return cls(
            run.languages,
            run.distances,
            embedding.coordinates,
            embedding.eigenvalues,
            variance_shares(embedding.eigenvalues, embedding.coordinates.shape[1]),
            spanning_tree(run.distances),
            levels,
            chosen_level(levels, colour_by),
        )

    @property
    def names(self) -> list[str]:
        """Every language's name, with its id where the name is not its own alone."""
        counts = Counter(language.name for language in self.languages)
        return [
            language.name
            if language.name and counts[language.name] == 1
            else f"{language.name} ({language.id})".strip()
            for language in self.languages
        ]

    def groups(self, level: str = "") -> tuple[Group, ...]:
        """The groups of a level, or of the one chosen."""
        return grouped(self.levels[level or self.level])

    def plane(self, axes: int) -> Float64:
        """(n, axes) the first coordinates, with zeros for axes that the embedding lacks."""
        present = self.coordinates[:, :axes]
        return np.pad(present, ((0, 0), (0, axes - present.shape[1])))

    def axis_title(self, axis: int) -> str:
        """`axis 1 (23.4 %)`, the axis counted from 1."""
        if axis > self.coordinates.shape[1]:
            return f"axis {axis} (none)"
        return f"axis {axis} ({self.shares[axis - 1]:.1%})" if axis <= len(self.shares) else f"axis {axis}"

    def placed(self) -> list[int]:
        """The languages whose place on earth is known."""
        known = [language.latitude is not None and language.longitude is not None for language in self.languages]
        return [index for index, placed in enumerate(known) if placed]

    def places(self) -> Float64:
        """(n, 2) longitude and latitude in degrees, NaN where unknown."""
        blank = float("nan")
        pairs = [(language.longitude, language.latitude) for language in self.languages]
        return np.array([[blank if value is None else value for value in pair] for pair in pairs]).reshape(-1, 2)

    def earth(self, width: float) -> Frame:
        """The part of the world map that shows every known place, as a frame of that width."""
        places = self.places()[self.placed()]
        low, high = (
            np.maximum(places.min(axis=0) - EARTH_MARGIN, EARTH[0]),
            np.minimum(places.max(axis=0) + EARTH_MARGIN, EARTH[1]),
        )
        middle, extent = (low + high) / 2, np.maximum(high - low, EARTH_LEAST)
        corners = np.stack([middle - extent / 2, middle + extent / 2])
        return Frame.around(corners, width, width * float(extent[1] / extent[0]), 0.0)


def variance_shares(eigenvalues: Float64, axes: int) -> Float64:
    """(axes,) each leading eigenvalue over the sum of all positive ones, however many axes are kept."""
    positive = eigenvalues[eigenvalues > 0]
    return positive[:axes] / positive.sum() if len(positive) else np.empty(0)
