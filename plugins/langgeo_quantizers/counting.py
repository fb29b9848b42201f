"""How many weights of each column exceed a threshold, for scores fl(fl(w²)·g_j) in float32.

Rounding is monotone in |w|, so within a column the scores of every language rise in the order of the sorted
squares, and what exceeds a threshold is an upper tail: a position found by bisection, exact with ties and zeros.
The kernels take languages along the last axis, since a column's squares fit into the processor's first cache.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
UInt16 = NDArray[np.uint16]

BIN_BITS = 18
BINS = 1 << (31 - BIN_BITS)
"""Bins of the bit patterns of non-negative float32 numbers, which are ordered like the numbers."""


@njit(cache=True, inline="always")
def _above(column, factor, threshold, low, high):  # type: ignore[no-untyped-def]
    """How many scores of an ascending column exceed the threshold, known to lie in [low, high]."""
    first = column.shape[0] - high
    left = high - low
    while left > 0:
        half = (left + 1) >> 1
        exceeds = np.int64(column[first + half - 1] * factor > threshold)
        # `if not exceeds: first += half`, as a shift: either is as likely, and a mispredicted branch costs most here.
        first += half >> (exceeds << 5)
        left -= half
    return column.shape[0] - first


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def narrow(squares: Float32, factors: Float32, thresholds: Float32, low: Int32, high: Int32) -> Int32:
    """(columns, languages) counts of scores above each language's threshold, known to lie in [low, high].

    squares is (columns, rows) ascending; factors, low and high are (columns, languages).
    """
    columns, languages = factors.shape
    counts = np.empty((columns, languages), dtype=np.int32)
    for column in prange(columns):
        for language in range(languages):
            counts[column, language] = _above(
                squares[column],
                factors[column, language],
                thresholds[language],
                low[column, language],
                high[column, language],
            )
    return counts


@njit(cache=True)  # type: ignore[untyped-decorator]
def gather(squares: Float32, factors: Float32, low: Int32, high: Int32, into: Float32, filled: Int64) -> None:
    """Write the scores that `high` keeps and `low` does not into `into`, each language's from `filled` on.

    A language whose `filled` is negative is passed over.
    """
    columns, languages = factors.shape
    rows = squares.shape[1]
    for column in range(columns):
        for language in range(languages):
            if filled[language] >= 0:
                for place in range(rows - high[column, language], rows - low[column, language]):
                    into[filled[language]] = squares[column, place] * factors[column, language]
                    filled[language] += 1


@njit(cache=True)  # type: ignore[untyped-decorator]
def kept(high: UInt16, inside: UInt16, values: Float32, starts: Int64, thresholds: Float32) -> Int32:
    """(languages, columns) counts of scores above thresholds that lie between a lower and an upper one.

    `high` scores of each column exceed the upper one. `inside` lie between the two; they are in `values`, each
    language's from its place in `starts` on, column by column.
    """
    counts = high.astype(np.int32)
    for language in range(high.shape[0]):
        place = starts[language]
        for column in range(high.shape[1]):
            for _ in range(inside[language, column]):
                counts[language, column] += values[place] > thresholds[language]
                place += 1
    return counts


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def count_bins(squares: Float32, factors: Float32, weight: float, into: Float64) -> None:
    """Add `weight` to the (languages, bins) histograms for each product of squares (columns, n) with factors.

    factors is (languages, columns). A bin holds 2¹⁸ neighbouring bit patterns.
    """
    columns, chosen = squares.shape
    for language in prange(factors.shape[0]):
        for column in range(columns):
            for place in range(chosen):
                score = np.float32(squares[column, place] * factors[language, column])
                into[language, score.view(np.int32) >> BIN_BITS] += weight


@njit(cache=True)  # type: ignore[untyped-decorator]
def smallest_above(squares: Float32, factors: Float32, counts: Int32) -> Float32:
    """(languages,) the smallest score among those that `counts` (columns, languages) keeps, or infinity."""
    columns, languages = factors.shape
    rows = squares.shape[1]
    smallest = np.full(languages, np.inf, dtype=np.float32)
    for column in range(columns):
        for language in range(languages):
            kept = counts[column, language]
            if kept > 0:
                score = squares[column, rows - kept] * factors[column, language]
                smallest[language] = min(smallest[language], score)
    return smallest


GOLDEN = 0.6180339887498949
"""Its multiples fill the unit interval evenly."""


def places(rows: int, columns: int, stride: int) -> tuple[NDArray[np.int64], float]:
    """(columns, n) ranks in ascending columns, one of each stretch of about `stride`, and how many each stands for.

    Where in its stretch differs from column to column, or columns that are alike would be off in the same direction.
    """
    strata = -(-rows // stride)
    aside = (np.arange(columns) * GOLDEN) % 1.0
    chosen = ((np.arange(strata) + aside[:, None]) * rows / strata).astype(np.int64)
    return np.minimum(chosen, rows - 1), rows / strata
