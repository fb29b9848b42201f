"""Matrices of made-up points, and the languages of their rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from langgeo_core.api import DistanceMatrix, Language

NAN = float("nan")


def between(points: NDArray[np.float64]) -> DistanceMatrix:
    return of_square(squareform(pdist(points)))


def of_square(values: NDArray[np.float64]) -> DistanceMatrix:
    return DistanceMatrix(tuple(f"l{place}" for place in range(len(values))), values)


def of_pairs(*pairs: float) -> DistanceMatrix:
    """The upper triangle, row by row."""
    return of_square(squareform(np.array(pairs, dtype=float), checks=False))


def named(matrix: DistanceMatrix, scripts: str = "") -> tuple[Language, ...]:
    """A language for each row; `scripts` has a letter for each of them."""
    wanted = scripts or " " * len(matrix.ids)
    return tuple(Language(one, one, script=script.strip()) for one, script in zip(matrix.ids, wanted, strict=True))


def cloud(n: int = 40, axes: int = 12, seed: int = 0) -> NDArray[np.float64]:
    """Centred points with a long axis, a shorter one, and so on."""
    points = np.random.default_rng(seed).normal(size=(n, axes)) * np.arange(axes, 0, -1)
    centred: NDArray[np.float64] = points - points.mean(axis=0)
    return centred
