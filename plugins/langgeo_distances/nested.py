"""Closed forms for levels of one shared order, from the number of weights of each column above each threshold.

With c_k(a) weights of a column above language a's k-th threshold, two languages differ in the k-th threshold in the
positions from min(c_k(a), c_k(b)) to max(c_k(a), c_k(b)) of the column's order. Both ends decrease with k, and in the
overlap of two such intervals the same language has the higher level. So levels differ in the union of the intervals,
and by the number of intervals at that position.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from langgeo_distances.pairs import city_block, of_pairs, partners

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


def differing(counts: Int32) -> Int64:
    """(n, n) numbers of weights with different levels, from (levels - 1, n, columns) counts."""
    return of_pairs(_over_stretches, _by_column(counts), False)


def absolute(counts: Int32) -> Int64:
    """(n, n) Σ |level of a - level of b|, the sum of the city-block distances of all thresholds."""
    thresholds, n, columns = counts.shape
    flat: Int64 = city_block(counts.transpose(1, 0, 2).reshape(n, thresholds * columns))
    return flat


def squared(counts: Int32) -> Int64:
    """(n, n) Σ (level of a - level of b)²."""
    return of_pairs(_over_stretches, _by_column(counts), True)


def sums(counts: Int32) -> tuple[Int64, Int64]:
    """(n,) Σ level and (n,) Σ level² of each language: a weight above k thresholds adds k and k² = Σ (2i - 1)."""
    above = counts.sum(axis=2, dtype=np.int64)
    odd = 2 * np.arange(1, len(counts) + 1) - 1
    return above.sum(axis=0), odd @ above


def _by_column(counts: Int32) -> Int32:
    return np.ascontiguousarray(counts.transpose(1, 2, 0))


@njit(cache=True, inline="always")
def _union(first, second):  # type: ignore[no-untyped-def]
    """The number of positions in at least one interval."""
    total, covered = 0, 0
    for k in range(first.shape[0] - 1, -1, -1):
        low, high = min(first[k], second[k]), max(first[k], second[k])
        total += max(0, high - max(low, covered))
        covered = high
    return total


@njit(cache=True, inline="always")
def _squared(first, second):  # type: ignore[no-untyped-def]
    """Σ over positions of the squared number of intervals: their lengths plus twice all pairwise overlaps."""
    total = 0
    for k in range(first.shape[0]):
        low, high = min(first[k], second[k]), max(first[k], second[k])
        total += high - low
        for lower in range(k + 1, first.shape[0]):
            shared = max(first[lower], second[lower]) - low
            if shared <= 0:
                break
            total += 2 * shared
    return total


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _over_stretches(counts: Int32, squares: bool, found: Int64) -> None:
    """Sums over the columns of (n, columns, levels - 1) counts."""
    n, columns = counts.shape[:2]
    for first in prange(n):
        for step in range(partners(first, n)):
            second = (np.int64(first) + step + 1) % n
            total = np.int64(0)
            for column in range(columns):
                if squares:
                    total += _squared(counts[first, column], counts[second, column])
                else:
                    total += _union(counts[first, column], counts[second, column])
            found[first, second] = total
