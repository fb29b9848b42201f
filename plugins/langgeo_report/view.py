"""What every picture of a run is drawn from, computed once: classes with their colours, coordinates, tree, places."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Language, Run, UserError
from langgeo_formats.api import Names, labels
from langgeo_report.layout import Frame
from langgeo_report.neighbours import Edge, spanning_tree

Float64 = NDArray[np.float64]

Classes = tuple[str | None, ...]
Ring = list[tuple[float, float]]

# Six hues of Okabe and Ito's colour-blind-safe palette, three of them darker, so that all have a contrast of 3 to white
# and to the dark page. Six colours and five markers have no common divisor: thirty classes differ, and neighbours in
# the legend differ in both.
COLOURS = ("#0072b2", "#bd8200", "#009e73", "#d55e00", "#2f95d0", "#c76f9f")
MARKERS = 5
OTHER_COLOUR = "#8c8c8c"
OTHER = "Other"
MOST_GROUPS = 20
FEW_GROUPS = 10

# Longitude and latitude in degrees: the corners of the world map, the margin around places, the smallest extent.
EARTH = np.array([(-180.0, -58.0), (180.0, 84.0)])
EARTH_MARGIN = np.array([14.0, 9.0])
EARTH_LEAST = np.array([90.0, 45.0])


@dataclass(frozen=True)
class Group:
    """Languages with one colour and marker; `marker` counts from 0."""

    name: str
    colour: str
    marker: int
    members: tuple[int, ...]


def class_levels(run: Run) -> dict[str, Classes]:
    """The classes of each level with at least two classes: family, branch, script and the evaluated levels."""
    known: dict[str, Classes] = {
        field: tuple(getattr(language, field) or None for language in run.languages)
        for field in ("family", "branch", "script")
    }
    evaluated = run.labels if "labels.json" in run.files else {}
    every = {**evaluated, **{level: classes for level, classes in known.items() if level not in evaluated}}
    telling = {level: classes for level, classes in every.items() if len(set(classes)) > 1}
    return telling or {"family": known["family"]}


def chosen_level(levels: Mapping[str, Classes], wanted: str = "") -> str:
    """The requested level; by default family, or branch if most languages are in one family, then any other."""
    if wanted and wanted not in levels:
        raise UserError(f"unknown level {wanted!r} in colour_by", f"choose one of {', '.join(levels)}")
    if wanted:
        return wanted
    preferred = [level for level in ("family", "branch", *levels) if level in levels]
    return next((level for level in preferred if _largest_share(levels[level]) <= 0.5), preferred[0])


def _largest_share(classes: Classes) -> float:
    counts = Counter(label for label in classes if label is not None)
    return max(counts.values(), default=len(classes)) / len(classes)


def grouped(classes: Sequence[str | None]) -> tuple[Group, ...]:
    """Groups, largest first; when there are many classes, those with a single language are merged into `Other`."""
    counts = Counter(label for label in classes if label is not None)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    several = sum(count > 1 for count in counts.values())
    shown = names[: min(max(several, FEW_GROUPS), MOST_GROUPS)]
    groups = [
        Group(name, COLOURS[index % len(COLOURS)], index % MARKERS, _members(classes, {name}))
        for index, name in enumerate(shown)
    ]
    rest = _members(classes, {None, *names} - set(shown))
    return (*groups, Group(OTHER, OTHER_COLOUR, 0, rest)) if rest else tuple(groups)


def _members(classes: Sequence[str | None], names: set[str | None]) -> tuple[int, ...]:
    return tuple(index for index, label in enumerate(classes) if label in names)


@dataclass(frozen=True, eq=False)
class View:
    """The data of a run that pictures need, in the order of the languages.

    Parameters
    ----------
    coordinates : (n, axes) from the embedder
    shares : (axes,) of the sum of the positive eigenvalues; empty if the embedder has no eigenvalues
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
    called: Names = "name"

    @classmethod
    def of(cls, run: Run, colour_by: str = "", called: Names = "name") -> View:
        """Read what the pictures need; `colour_by` is the level that colours the points, empty to choose one."""
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
            called,
        )

    @cached_property
    def names(self) -> list[str]:
        """What each language is called: its name, with its id if another language has the same name."""
        if self.called != "name":
            return labels(self.languages, self.called)
        counts = Counter(language.name for language in self.languages)
        return [
            language.name
            if language.name and counts[language.name] == 1
            else f"{language.name} ({language.id})".strip()
            for language in self.languages
        ]

    def groups(self, level: str = "") -> tuple[Group, ...]:
        """The groups of a level; by default those of the level that colours the points."""
        return grouped(self.levels[level or self.level])

    def plane(self, axes: int) -> Float64:
        """(n, axes) the first coordinates; zeros for axes that the embedding does not have."""
        present = self.coordinates[:, :axes]
        return np.pad(present, ((0, 0), (0, axes - present.shape[1])))

    def axis_title(self, axis: int) -> str:
        """`axis 1 (23.4 %)`, the axis counted from 1."""
        if axis > self.coordinates.shape[1]:
            return f"axis {axis} (none)"
        return f"axis {axis} ({self.shares[axis - 1]:.1%})" if axis <= len(self.shares) else f"axis {axis}"

    def placed(self) -> list[int]:
        """The positions of the languages with known coordinates."""
        known = [language.latitude is not None and language.longitude is not None for language in self.languages]
        return [index for index, placed in enumerate(known) if placed]

    def places(self) -> Float64:
        """(n, 2) longitude and latitude in degrees, NaN if unknown."""
        blank = float("nan")
        pairs = [(language.longitude, language.latitude) for language in self.languages]
        return np.array([[blank if value is None else value for value in pair] for pair in pairs]).reshape(-1, 2)

    def earth(self, width: float) -> Frame:
        """The part of the world map that contains all known places, as a frame of the given width."""
        places = self.places()[self.placed()]
        low, high = (
            np.maximum(places.min(axis=0) - EARTH_MARGIN, EARTH[0]),
            np.minimum(places.max(axis=0) + EARTH_MARGIN, EARTH[1]),
        )
        middle, extent = (low + high) / 2, np.maximum(high - low, EARTH_LEAST)
        corners = np.stack([middle - extent / 2, middle + extent / 2])
        return Frame.around(corners, width, width * float(extent[1] / extent[0]), 0.0)


def variance_shares(eigenvalues: Float64, axes: int) -> Float64:
    """(axes,) each of the first eigenvalues divided by the sum of all positive ones."""
    positive = eigenvalues[eigenvalues > 0]
    return positive[:axes] / positive.sum() if len(positive) else np.empty(0)


def land_rings() -> list[Ring]:
    """Coastlines as rings of longitude and latitude in degrees; rings of lakes run in the other direction."""
    text = files("langgeo_report").joinpath("data", "land.json").read_text(encoding="utf-8")
    return [[(point[0], point[1]) for point in ring] for ring in json.loads(text)["rings"]]
