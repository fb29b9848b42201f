"""One weight matrix's scores of all languages, sorted a column at a time, and what is asked of them.

Rounding is monotone in |w|, so within a column the scores of every language rise in the order of the sorted squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import SeparableScores
from langgeo_quantizers import counting
from langgeo_quantizers.counting import places

Bools = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
UInt16 = NDArray[np.uint16]


class Columns(Protocol):
    """Scores on some device. `counts` are arrays of that device, (columns, languages): how many a column keeps."""

    def sample(self, stride: int, into: Float64) -> None:
        """Add about every `stride`-th score of each column to (languages, bins) histograms of the patterns' bins."""

    def above(self, thresholds: Float32, low: Any = None, high: Any = None) -> Any:
        """Counts of scores above each language's threshold, known to lie in [low, high]."""

    def totals(self, counts: Any) -> Int64:
        """(languages,) sums of the counts."""

    def between(self, low: Any, high: Any, wanted: Bools) -> list[Float32]:
        """For each language the scores that `high` keeps and `low` does not; none of languages that are not wanted."""

    def smallest(self, counts: Any) -> Float32:
        """(languages,) the smallest score that the counts keep, or infinity."""

    def by_language(self, counts: Any) -> Int32:
        """(languages, columns) the counts."""


def columns_of(scores: SeparableScores) -> Columns:
    """On the device of the scores; sorted once as long as the scores hold their weights."""
    if scores.device is None:
        return SortedColumns(scores)
    from langgeo_quantizers.tensor_columns import TensorColumns

    if scores not in _SORTED:
        _SORTED[scores] = TensorColumns(scores.weights, scores.feature_scores, scores.device)
    return _SORTED[scores]


_SORTED: WeakKeyDictionary[SeparableScores, Columns] = WeakKeyDictionary()


@dataclass(frozen=True)
class Surrounded:
    """What was found of two thresholds of every language, which tells the counts of all that lie between them.

    lowest, highest : (languages,), from the lower one on up to the highest threshold for which the counts are known
    high : (languages, columns) scores exceed the upper one
    inside : (languages, columns) lie above the lower one and not above the upper one
    values : for each language these scores, column by column
    """

    lowest: Float32
    highest: Float32
    high: UInt16
    inside: UInt16
    values: Sequence[Float32]

    def above(self, thresholds: Float32) -> Int32 | None:
        """(languages, columns) counts of scores above each threshold; None where they are not known."""
        if not ((self.lowest <= thresholds) & (thresholds <= self.highest)).all():
            return None
        starts = np.cumsum([0, *map(len, self.values)])[:-1]
        found: Int32 = counting.kept(self.high, self.inside, np.concatenate(self.values), starts, thresholds)
        return found


SURROUNDED: WeakKeyDictionary[SeparableScores, Surrounded] = WeakKeyDictionary()
"""Of scores whose weights would have to be read and sorted again to be counted."""


def count_above(scores: SeparableScores, thresholds: Float32) -> Int32:
    """(languages, columns) counts of scores above each language's threshold, (languages,) float32."""
    if scores in SURROUNDED and (known := SURROUNDED[scores].above(thresholds)) is not None:
        return known
    columns = columns_of(scores.held())
    return columns.by_language(columns.above(thresholds))


class SortedColumns:
    """On the processor, in numba; counts are int32."""

    def __init__(self, scores: SeparableScores) -> None:
        self.squares = scores.sorted_squares
        self.factors = np.ascontiguousarray(scores.feature_scores.T)

    def sample(self, stride: int, into: Float64) -> None:
        """See `Columns`."""
        columns, rows = self.squares.shape
        chosen, weight = places(rows, columns, stride)
        by_language = np.ascontiguousarray(self.factors.T)
        counting.count_bins(np.take_along_axis(self.squares, chosen, axis=1), by_language, weight, into)

    def above(self, thresholds: Float32, low: Int32 | None = None, high: Int32 | None = None) -> Int32:
        """See `Columns`."""
        none = np.zeros(self.factors.shape, dtype=np.int32) if low is None else low
        every = np.full(self.factors.shape, self.squares.shape[1], dtype=np.int32) if high is None else high
        found: Int32 = counting.narrow(self.squares, self.factors, thresholds, none, every)
        return found

    def totals(self, counts: Int32) -> Int64:
        """See `Columns`."""
        return np.asarray(counts.sum(axis=0, dtype=np.int64))

    def between(self, low: Int32, high: Int32, wanted: Bools) -> list[Float32]:
        """See `Columns`."""
        inside = np.where(wanted, self.totals(high - low), 0)
        ends = np.cumsum(inside)
        values = np.empty(int(ends[-1]), dtype=np.float32)
        counting.gather(self.squares, self.factors, low, high, values, np.where(wanted, ends - inside, -1))
        return np.split(values, ends[:-1])

    def smallest(self, counts: Int32) -> Float32:
        """See `Columns`."""
        return np.asarray(counting.smallest_above(self.squares, self.factors, counts))

    def by_language(self, counts: Int32) -> Int32:
        """See `Columns`."""
        return np.ascontiguousarray(counts.T)
