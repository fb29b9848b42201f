"""Each language's nearest others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from langgeo_core.api import DistanceMatrix


@dataclass(frozen=True)
class Neighbour:
    """Another language, as its position in the matrix."""

    index: int
    distance: float


def nearest(distances: DistanceMatrix, count: int) -> tuple[tuple[Neighbour, ...], ...]:
    """The `count` nearest of every language, nearest first; missing pairs are left out."""
    values = distances.values.copy()
    np.fill_diagonal(values, np.nan)
    order = np.argsort(values, axis=1, kind="stable")[:, :count]
    return tuple(
        tuple(Neighbour(int(other), float(row[other])) for other in others if not np.isnan(row[other]))
        for row, others in zip(values, order, strict=True)
    )


def agreement(neighbours: Sequence[Sequence[Neighbour]], classes: Sequence[str | None]) -> tuple[int, int]:
    """How many classified languages have a nearest neighbour of their own class, and how many could.

    A language that is alone in its class cannot agree with anyone, and is not counted.
    """
    able = [index for index, label in enumerate(classes) if label is not None and classes.count(label) > 1]
    firsts = [(index, neighbours[index][0].index) for index in able if neighbours[index]]
    return sum(classes[index] == classes[first] for index, first in firsts), len(firsts)
