"""Distances to embed, shared by the tests of the embedders."""

from __future__ import annotations

import numpy as np
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform

from langgeo_core.api import DistanceMatrix


def matrix(values: np.ndarray) -> DistanceMatrix:
    return DistanceMatrix(tuple(f"l{index:03}" for index in range(len(values))), values)


def between(coordinates: np.ndarray) -> np.ndarray:
    return squareform(pdist(coordinates))


def plane(n: int = 20, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 2)) * [3, 1]


def blobs() -> np.ndarray:
    """Three groups of eight points, far apart."""
    rng = np.random.default_rng(2)
    return np.concatenate([rng.normal(size=(8, 4)) + 30 * place for place in range(3)])


def groups_are_apart(coordinates: np.ndarray) -> bool:
    """Whether every point's nearest neighbour is of its own blob."""
    distances = between(coordinates) + np.diag(np.full(len(coordinates), np.inf))
    return bool((distances.argmin(axis=1) // 8 == np.arange(len(coordinates)) // 8).all())


def misfit(first: np.ndarray, second: np.ndarray) -> float:
    """What is left of the difference after moving, turning and scaling."""
    return float(procrustes(first, second)[2])
