"""How many weights of each column exceed a threshold, for scores fl(fl(w²)·g_j) in float32.

Rounding is monotone in |w|, so within a column the scores of every language rise in the order of the sorted
squares, and what exceeds a threshold is an upper tail: a position found by bisection, exact with ties and zeros.
Non-negative float32 numbers are ordered like their bit patterns, which are what the kernels bisect over.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]

INFINITY_BITS = int(np.array(np.inf, dtype=np.float32).view(np.int32))


@njit(cache=True, inline="always")
def _above(column, factor, threshold, low, high):  # type: ignore[no-untyped-def]
    """How many scores of an ascending column exceed the threshold, known to lie in [low, high]."""
    rows = column.shape[0]
    first, last = rows - high, rows - low
    while first < last:
        middle = (first + last) >> 1
        if column[middle] * factor > threshold:
            last = middle
        else:
            first = middle + 1
    return rows - first


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def count_above(squares: Float32, factors: Float32, thresholds: Float32) -> Int32:
    """(languages, columns) counts of scores above each language's threshold.

    Parameters
    ----------
    squares : (columns, rows) float32, squared weights ascending along each column
    factors : (languages, columns) float32, g
    thresholds : (languages,) float32
    """
    languages, columns = factors.shape
    rows = squares.shape[1]
    counts = np.empty((languages, columns), dtype=np.int32)
    for column in prange(columns):
        for language in range(languages):
            counts[language, column] = _above(squares[column], factors[language, column], thresholds[language], 0, rows)
    return counts


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def narrow(squares: Float32, factors: Float32, thresholds: Float32, low: Int32, high: Int32) -> Int32:
    """As `count_above`, for counts known to lie in [low, high]: both (languages, columns)."""
    languages, columns = factors.shape
    counts = np.empty((languages, columns), dtype=np.int32)
    for column in prange(columns):
        for language in range(languages):
            counts[language, column] = _above(
                squares[column],
                factors[language, column],
                thresholds[language],
                low[language, column],
                high[language, column],
            )
    return counts


@njit(cache=True)  # type: ignore[untyped-decorator]
def smallest_above(squares: Float32, factors: Float32, counts: Int32) -> Float32:
    """(languages,) the smallest score among those that `counts` (languages, columns) keeps, or infinity."""
    languages, columns = factors.shape
    rows = squares.shape[1]
    smallest = np.full(languages, np.inf, dtype=np.float32)
    for column in range(columns):
        for language in range(languages):
            kept = counts[language, column]
            if kept > 0:
                score = squares[column, rows - kept] * factors[language, column]
                smallest[language] = min(smallest[language], score)
    return smallest
