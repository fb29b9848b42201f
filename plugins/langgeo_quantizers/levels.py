"""A few bits a weight: which of 2^bits equally filled levels its score lies in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from langgeo_core.api import LevelCounts, Levels, Scores, SeparableScores, Signature
from langgeo_quantizers.columns import count_above
from langgeo_quantizers.options import NBitOptions
from langgeo_quantizers.thresholds import row_order_statistics, several_order_statistics, upper_rank

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


class NBit:
    """The level of a weight is how many of K - 1 thresholds its score exceeds, K = 2^bits.

    The k-th threshold is the smallest score that at most the share 1 - k / K of the scores exceed, so that each level
    holds a K-th of the weights, less or more where scores tie. With one bit it is `quantile` with `keep: 0.5`.
    """

    def __init__(self, options: NBitOptions) -> None:
        self.scope = options.scope
        self.levels = 1 << options.bits

    def forms(self) -> tuple[type[Signature], ...]:
        """Counts, unless every row has thresholds of its own; levels written out always."""
        return (Levels,) if self.scope == "row" else (LevelCounts, Levels)

    def fit(self, group: Sequence[Scores]) -> Float32:
        """(levels - 1, languages) the thresholds, ascending; (levels - 1, languages, rows) under the scope `row`."""
        if self.scope == "row":
            return row_order_statistics(group[0], self._ranks(group[0].matrix.columns))
        return several_order_statistics(group, self._ranks(sum(scores.matrix.size for scores in group)))

    def _ranks(self, size: int) -> list[int]:
        return [upper_rank(size, size * (self.levels - k) // self.levels) for k in range(1, self.levels)]

    def encode(self, scores: Scores, fitted: Float32, form: type[Signature]) -> Signature:
        """How many weights of each column exceed each threshold, or every weight's level."""
        if form is LevelCounts and isinstance(scores, SeparableScores):
            held = scores.held() if len(fitted) > 1 else scores
            return LevelCounts(scores.matrix, np.stack([count_above(held, limits) for limits in fitted]))
        values = np.empty((scores.languages, scores.matrix.size), dtype=np.uint8)
        by_language = fitted.reshape(len(fitted), scores.languages, -1)
        for language, into in enumerate(values):
            limits = np.ascontiguousarray(by_language[:, language].T)
            grade(scores.dense(language), limits, into.reshape(scores.matrix.rows, -1))
        return Levels(scores.matrix, values)


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def grade(values: Float32, thresholds: Float32, into: UInt8) -> None:
    """Fill `into` (rows, columns) with how many thresholds each value exceeds.

    thresholds is (rows, levels - 1) or (1, levels - 1) ascending, with a power of two of levels: the search takes as
    many steps for every value.
    """
    rows, columns = values.shape
    shared = thresholds.shape[0] == 1
    for row in prange(rows):
        limits = thresholds[0] if shared else thresholds[row]
        for column in range(columns):
            level = 0
            half = (limits.shape[0] + 1) >> 1
            while half > 0:
                # `if not below: level += half` without a branch to mispredict, as in counting.
                below = np.int64(values[row, column] <= limits[level + half - 1])
                level += half >> (below << 5)
                half >>= 1
            into[row, column] = level
