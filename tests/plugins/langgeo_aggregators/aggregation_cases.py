"""Three languages at a time, to be worked out by hand."""

from __future__ import annotations

import numpy as np

from langgeo_core.api import DistanceMatrix

NAN = float("nan")


def of_three(ab: float, ac: float, bc: float) -> DistanceMatrix:
    """The distances of a and b, a and c, b and c."""
    return DistanceMatrix(("a", "b", "c"), np.array([[0, ab, ac], [ab, 0, bc], [ac, bc, 0]]))


def pairs(matrix: DistanceMatrix) -> list[float]:
    """The same three distances back."""
    assert matrix.ids == ("a", "b", "c")
    return [float(matrix.values[pair]) for pair in ((0, 1), (0, 2), (1, 2))]


def named(*matrices: DistanceMatrix) -> dict[str, DistanceMatrix]:
    return {f"m--{place}": matrix for place, matrix in enumerate(matrices)}
