"""Made-up languages as points, and the distances between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.types import DistanceMatrix

Float64 = NDArray[np.float64]

GROUPS = 3
SIZE = 5


def groups() -> Float64:
    """(15, 3) points in three groups far apart."""
    random = np.random.default_rng(7)
    centres = np.array([[0.0, 0.0, 0.0], [9.0, 1.0, 0.0], [2.0, 8.0, 3.0]])
    return np.repeat(centres, SIZE, axis=0) + random.normal(scale=0.4, size=(GROUPS * SIZE, 3))


def ids_of(count: int) -> tuple[str, ...]:
    """Made-up ids whose alphabetical order is not that of the languages."""
    return tuple(f"x{chr(97 + 7 * place % 26)}{chr(97 + place % 26)}" for place in range(count))


def between(points: Float64) -> DistanceMatrix:
    """The Euclidean distances of points (n, axes)."""
    values = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(values, 0.0)
    return DistanceMatrix(ids_of(len(points)), values)


def lacking(matrix: DistanceMatrix, places: Sequence[int]) -> DistanceMatrix:
    """The matrix without any pair of the languages at some places."""
    values = matrix.values.copy()
    values[list(places), :] = values[:, list(places)] = np.nan
    np.fill_diagonal(values, 0.0)
    return DistanceMatrix(matrix.ids, values)


def reordered(matrix: DistanceMatrix) -> DistanceMatrix:
    """The same distances with the languages in another order, always the same one."""
    order = np.random.default_rng(3).permutation(len(matrix.ids))
    return matrix.subset([matrix.ids[place] for place in order])
