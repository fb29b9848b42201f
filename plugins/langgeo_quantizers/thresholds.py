"""Exact medians of all languages' scores by bisection over counts: no score is ever written out or sorted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import SeparableScores
from langgeo_quantizers.counting import INFINITY_BITS, narrow, smallest_above

Float32 = NDArray[np.float32]


def medians(group: Sequence[SeparableScores]) -> Float32:
    """(languages,) median of each language's scores over all matrices of the group.

    For an even number of scores it is the mean of the two middle ones, rounded to float32.
    """
    size = sum(scores.matrix.size for scores in group)
    lower, above, successor = _order_statistic(group, (size + 1) // 2)
    if size % 2:
        return lower
    upper = np.where(above < size // 2, lower, successor)
    middle: Float32 = ((lower.astype(np.float64) + upper) / 2).astype(np.float32)
    return middle


def order_statistics(group: Sequence[SeparableScores], rank: int) -> Float32:
    """(languages,) the `rank`-th smallest score of each language over all matrices of the group, from 1."""
    return _order_statistic(group, rank)[0]


def _order_statistic(group: Sequence[SeparableScores], rank: int) -> tuple[Float32, NDArray[np.int64], Float32]:
    """The `rank`-th smallest score, how many exceed it, and the smallest of those; each (languages,).

    It is the smallest number t with at most `size - rank` scores above it. All languages are bisected together
    over the bit patterns of float32, 31 steps, each column's bracket narrowing with them.
    """
    size = sum(scores.matrix.size for scores in group)
    languages = group[0].languages
    brackets = [_Bracket.full(scores) for scores in group]
    first = np.zeros(languages, dtype=np.int64)
    last = np.full(languages, INFINITY_BITS, dtype=np.int64)
    while (first < last).any():
        middle = (first + last) // 2
        thresholds = middle.astype(np.int32).view(np.float32)
        counted = [bracket.count(thresholds) for bracket in brackets]
        enough = _total(counted) <= size - rank
        last, first = np.where(enough, middle, last), np.where(enough, first, middle + 1)
        for bracket, counts in zip(brackets, counted, strict=True):
            bracket.shrink(counts, enough)
    statistic = last.astype(np.int32).view(np.float32)
    kept = [bracket.count(statistic) for bracket in brackets]
    smallest = np.minimum.reduce(
        [
            smallest_above(bracket.scores.sorted_squares, bracket.scores.feature_scores, counts)
            for bracket, counts in zip(brackets, kept, strict=True)
        ]
    )
    return statistic, _total(kept), smallest


def _total(counts: Sequence[NDArray[np.int32]]) -> NDArray[np.int64]:
    total: NDArray[np.int64] = np.sum([part.sum(axis=1, dtype=np.int64) for part in counts], axis=0)
    return total


class _Bracket:
    """Between which counts the threshold's count of every language and column lies."""

    def __init__(self, scores: SeparableScores, low: NDArray[np.int32], high: NDArray[np.int32]) -> None:
        self.scores = scores
        self.low = low
        self.high = high

    @classmethod
    def full(cls, scores: SeparableScores) -> _Bracket:
        shape = scores.feature_scores.shape
        return cls(scores, np.zeros(shape, dtype=np.int32), np.full(shape, scores.matrix.rows, dtype=np.int32))

    def count(self, thresholds: Float32) -> NDArray[np.int32]:
        counts: NDArray[np.int32] = narrow(
            self.scores.sorted_squares, self.scores.feature_scores, thresholds, self.low, self.high
        )
        return counts

    def shrink(self, counts: NDArray[np.int32], enough: NDArray[np.bool_]) -> None:
        """A smaller threshold keeps at least these counts, a larger one at most."""
        self.low = np.where(enough[:, None], counts, self.low)
        self.high = np.where(enough[:, None], self.high, counts)
