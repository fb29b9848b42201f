"""How well any tree can fit some distances, without making one: delta scores and Q-residuals of quartets."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

ROUNDING = 1e-12
"""Sums that differ by less than this share of the mean distance are equal."""


class Treelikeness(NamedTuple):
    """Means over quartets, 0 for distances that fit a tree exactly."""

    delta: float
    q_residual: float


def treelikeness(distances: Float64, quartets: Int64) -> Treelikeness:
    """Mean delta score (Holland, Huber, Dress & Moulton 2002) and mean Q-residual (Gray, Bryant & Greenhill 2010).

    Of the three ways to part a quartet in two pairs, with their sums of distances a ≥ b ≥ c, delta is
    (a − b) / (a − c), or 0 where all are equal, and the Q-residual (a − b)², with the distances scaled to a mean of 1.
    NaN where all distances are 0.

    Parameters
    ----------
    distances : (n, n) without a missing pair
    quartets : (m, 4) rows of the distances
    """
    mean = distances[~np.eye(len(distances), dtype=np.bool_)].mean()
    if not mean or not len(quartets):
        return Treelikeness(float("nan"), float("nan"))
    a, b, c, d = quartets.T
    sums = np.stack([distances[a, b] + distances[c, d], distances[a, c] + distances[b, d]])
    sums = np.sort(np.vstack([sums, distances[a, d] + distances[b, c]]), axis=0)
    gap, room = sums[2] - sums[1], sums[2] - sums[0]
    deltas = np.divide(gap, room, out=np.zeros_like(gap), where=room > ROUNDING * mean)
    return Treelikeness(float(deltas.mean()), float(np.mean((gap / mean) ** 2)))


def quartets_of(n: int, most: int, rng: np.random.Generator) -> Int64:
    """(m, 4): all quartets of n, or where there are more than `most`, so many drawn at random, with replacement."""
    if comb(n, 4) <= most:
        return np.array(list(combinations(range(n), 4)), dtype=np.int64).reshape(-1, 4)
    found = np.empty((0, 4), dtype=np.int64)
    while len(found) < most:
        some = rng.integers(n, size=(2 * most, 4))
        ordered = np.sort(some, axis=1)
        found = np.vstack([found, some[(np.diff(ordered, axis=1) > 0).all(axis=1)]])
    return found[:most]
