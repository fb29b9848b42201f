"""Exact order statistics of scores of any form, in bounded memory, from some rows of one language at a time.

Few scores are sorted, many counted. Non-negative float32 numbers are ordered like their bit patterns: a first pass
counts the high halves of the patterns, which tells in whose bin each order statistic lies, and a second the low
halves within those bins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from langgeo_core.api import NumericalError, Scores

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
UInt32 = NDArray[np.uint32]

HALF = 1 << 16
WHOLE = 1 << 24
"""Up to this many scores of one language are sorted instead: 64 MiB."""
CHUNK = 1 << 19
"""About how many scores are read at a time: what fits into the processor's caches."""


def streamed_order_statistics(
    group: Sequence[Scores], ranks: Sequence[int], whole: int = WHOLE, chunk: int = CHUNK
) -> Float32:
    """(ranks, languages) the rank-th smallest scores of each language over all matrices of the group, from 1.

    Up to `whole` scores of a language are sorted; more are counted, about `chunk` at a time.

    Raises
    ------
    NumericalError
        If a score is negative or not a number.
    """
    small = sum(scores.matrix.size for scores in group) <= whole
    found = [(_sorted if small else _counted)(group, who, np.array(ranks), chunk) for who in range(group[0].languages)]
    return np.stack(found, axis=1)


def _sorted(group: Sequence[Scores], language: int, ranks: Int64, chunk: int) -> Float32:
    """(ranks,) order statistics of one language whose scores fit into memory."""
    values = np.concatenate(list(chunks(group, language, chunk)))
    values.sort()
    if not (values[0] >= 0 and values[-1] >= 0):  # what is not a number comes last
        raise _no_scores(group)
    return values[ranks - 1]


def _counted(group: Sequence[Scores], language: int, ranks: Int64, chunk: int) -> Float32:
    """(ranks,) order statistics of one language."""
    high = np.zeros(HALF, dtype=np.int64)
    for patterns in _patterns(group, language, chunk):
        if not count_high(patterns, high):
            raise _no_scores(group)
    ends = np.cumsum(high)
    bins = np.searchsorted(ends, ranks)
    chosen, places = np.unique(bins, return_inverse=True)
    place_of = np.full(HALF, -1, dtype=np.int64)
    place_of[chosen] = np.arange(len(chosen))
    low = np.zeros((len(chosen), HALF), dtype=np.int64)
    for patterns in _patterns(group, language, chunk):
        count_low(patterns, place_of, low)
    np.cumsum(low, axis=1, out=low)
    within = ranks - (ends[bins] - high[bins])
    halves = [np.searchsorted(low[place], rank) for place, rank in zip(places, within, strict=True)]
    patterns = ((bins << 16) | np.array(halves)).astype(np.uint32)
    statistics: Float32 = patterns.view(np.float32)
    return statistics


def _no_scores(group: Sequence[Scores]) -> NumericalError:
    return NumericalError(f"{group[0].matrix.name}: scores must be non-negative numbers", "use another scorer")


def chunks(group: Sequence[Scores], language: int, chunk: int = CHUNK) -> Iterator[Float32]:
    """One language's scores, flat, some rows at a time."""
    for scores in group:
        rows = max(1, chunk // scores.matrix.columns)
        for start in range(0, scores.matrix.rows, rows):
            block = scores.block(start, min(start + rows, scores.matrix.rows))
            yield np.ascontiguousarray(block.dense(language), dtype=np.float32).ravel()


def _patterns(group: Sequence[Scores], language: int, chunk: int) -> Iterator[UInt32]:
    """Their bit patterns; -0 becomes 0, whose pattern is the smallest."""
    for values in chunks(group, language, chunk):
        yield (values + np.float32(0)).view(np.uint32)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def count_high(patterns: UInt32, counts: Int64) -> bool:
    """Add the (n,) patterns to the (65536,) counts of their high halves; false if one is no non-negative number."""
    largest = np.uint32(0)
    for pattern in patterns:
        counts[pattern >> 16] += 1
        largest = max(largest, pattern)
    return bool(largest <= 0x7F800000)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def count_low(patterns: UInt32, place_of: Int64, counts: Int64) -> None:
    """Add the low halves of the (n,) patterns to the (places, 65536) counts, where their high halves have a place."""
    for pattern in patterns:
        place = place_of[pattern >> 16]
        if place >= 0:
            counts[place, pattern & 0xFFFF] += 1
