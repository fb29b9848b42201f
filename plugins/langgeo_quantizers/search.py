"""Order statistics of all languages' separable scores, in few passes over the weight matrices.

A first pass samples every column, which tells nearly where a statistic lies. The next counts exactly what exceeds
thresholds close to it on either side, and gathers the scores between the two. Where the statistic is among these it
is found; where it is not, the counts tell on which side it is, and another pass looks there.

Non-negative float32 numbers are ordered like their bit patterns, which are what is searched: they grow about as the
logarithm of the score, over which counts fall smoothly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DeferredScores, SeparableScores
from langgeo_quantizers.columns import SURROUNDED, Columns, Surrounded, columns_of
from langgeo_quantizers.counting import BIN_BITS, BINS

Bools = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
UInt16 = NDArray[np.uint16]

INFINITY_BITS = int(np.array(np.inf, dtype=np.float32).view(np.int32))
FEW = 4096
"""No more scores than this of a language are worth narrowing down."""
STRIDE = 128
"""One of so many scores is sampled, or more of fewer scores."""
GATHERING = 12
"""How often as long it takes to gather and sort a score as to sample one."""
ERROR = 1.5
"""Five standard deviations of the sample's error in one column, in strides: it is spread evenly over one stride."""
GATHERED = 1 << 28
"""Scores of all languages and ranks that are gathered, at most: 1 GiB."""
COUNTED = 1 << 28
"""Columns of all languages whose counts are kept, at most: 1 GiB."""


@dataclass(frozen=True)
class Found:
    """Of every language, (languages,): a statistic, how many scores exceed it, and the smallest of those."""

    statistic: Float32
    above: Int64
    successor: Float32


def search(group: Sequence[SeparableScores], ranks: Sequence[int]) -> list[Found]:
    """The rank-th smallest scores of every language over all matrices of the group, from 1, for each of the ranks.

    With a single rank that one pass finds for every language, what the pass has counted is kept for `count_above`, if
    the weights would have to be read again. It is freed with the scores.
    """
    size = sum(scores.matrix.size for scores in group)
    sample = _Sample(group) if size > FEW else None
    limit = GATHERED // (group[0].languages * len(ranks))
    targets = [_Target(size, size - rank, group[0].languages) for rank in ranks]
    keep = len(ranks) == 1 and _counts_are_worth_keeping(group)
    while wanted := [target for target in targets if target.open.any()]:
        passes = [_Pass(target.aim(sample, limit), target.open, limit) for target in wanted]
        for scores in group:
            columns = columns_of(scores.held())
            for one in passes:
                one.look(columns, keep)
        for target, one in zip(wanted, passes, strict=True):
            target.learn(one)
        if keep and not targets[0].open.any():
            SURROUNDED.update(zip(group, passes[0].surroundings(), strict=True))
        keep = False
    return [target.found for target in targets]


def _counts_are_worth_keeping(group: Sequence[SeparableScores]) -> bool:
    """Where weights are read anew for every look; of columns whose counts have 16 bits, and not too many."""
    deferred = all(isinstance(scores, DeferredScores) for scores in group)
    columns = sum(scores.matrix.columns for scores in group) * group[0].languages
    return deferred and columns <= COUNTED and max(scores.matrix.rows for scores in group) < 1 << 16


class _Sample:
    """About how many scores of every language lie below a bit pattern."""

    def __init__(self, group: Sequence[SeparableScores]) -> None:
        self.edges = np.arange(BINS + 1) * float(1 << BIN_BITS)
        self.below = np.zeros((group[0].languages, BINS + 1))
        spread = ERROR * float(np.sqrt(sum(scores.matrix.columns for scores in group)))
        stride = _stride(sum(scores.matrix.size for scores in group), spread)
        for scores in group:
            columns_of(scores.held()).sample(stride, self.below[:, 1:])
        np.cumsum(self.below, axis=1, out=self.below)
        self.error = stride * spread

    def patterns(self, language: int, first: int, last: int, shares: Float64) -> Int64:
        """Those with the given shares of the language's scores in [first, last] at or below them."""
        low, high = np.interp([first, last + 1], self.edges, self.below[language])
        found = np.interp(low + shares * (high - low), self.below[language], self.edges)
        return np.asarray(found.astype(np.int64) - 1)


def _stride(size: int, spread: float) -> int:
    """That at which sampling size / stride scores and gathering 2 · stride · spread of them take the least together."""
    return int(np.clip(np.sqrt(size / (2 * spread * GATHERING)), 1, STRIDE))


class _Pass:
    """What is found of some thresholds, bit patterns (n, languages), in one pass over all matrices.

    `totals` (n, languages) scores exceed them, and `smallest` (languages,) is the smallest above the second. What lies
    above the first and not above the second is gathered, of open languages of which this is no more than `limit`.
    """

    def __init__(self, thresholds: Int64, wanted: Bools, limit: int) -> None:
        self.thresholds, self.limit = thresholds, limit
        self.totals = np.zeros_like(thresholds)
        self.smallest = np.full(len(wanted), np.inf, dtype=np.float32)
        self.gathered: list[list[Float32]] = [[np.empty(0, dtype=np.float32)] for _ in wanted]
        self.wanted = wanted & (thresholds[0] + 1 < thresholds[1])
        self.kept: list[tuple[UInt16, UInt16]] = []

    def look(self, columns: Columns, keep: bool) -> None:
        """Take in one matrix; `keep` its counts."""
        limits = _as_scores(self.thresholds)
        high = columns.above(limits[1])
        low = columns.above(limits[0], high)
        counts = [low, high, *(columns.above(row) for row in limits[2:])]
        self.totals += np.stack([columns.totals(one) for one in counts])
        self.smallest = np.minimum(self.smallest, columns.smallest(high))
        for language, part in enumerate(columns.between(high, low, self.wanted & self.fitting)):
            self.gathered[language].append(part)
        if keep:
            above, least = columns.by_language(high), columns.by_language(low)
            self.kept.append((above.astype(np.uint16), (least - above).astype(np.uint16)))

    def surroundings(self) -> Iterator[Surrounded]:
        """Of every matrix, where all that lies between the first two thresholds of every language was gathered."""
        lowest, top = _as_scores(self.thresholds[:2])
        highest = np.maximum(top, np.nextafter(self.smallest, np.float32(0)))
        for place, (high, inside) in enumerate(self.kept):
            # Between neighbouring numbers nothing was gathered: what exceeds the lower one equals the upper one.
            each = zip(self.gathered, self.thresholds[:2].T, top, inside, strict=True)
            values = [
                np.full(own.sum(), one) if first + 1 >= last else parts[place + 1]
                for parts, (first, last), one, own in each
            ]
            yield Surrounded(lowest, highest, high, inside, values)

    @property
    def fitting(self) -> Bools:
        """(languages,) whether what lies between the first two thresholds is little enough to be gathered."""
        return np.asarray(self.totals[0] - self.totals[1] <= self.limit)


class _Target:
    """The smallest number that at most `kept` scores exceed, of every language.

    It lies in [first, last] (bit patterns); `most` scores exceed first - 1 and `fewest` exceed last.
    """

    def __init__(self, size: int, kept: int, languages: int) -> None:
        self.kept, self.passes = kept, 0
        self.first = np.zeros(languages, dtype=np.int64)
        self.last = np.full(languages, INFINITY_BITS, dtype=np.int64)
        self.most = np.full(languages, size, dtype=np.int64)
        self.fewest = np.zeros(languages, dtype=np.int64)
        self.open = np.ones(languages, dtype=bool)
        nowhere = np.full(languages, np.nan, dtype=np.float32)
        self.found = Found(nowhere, np.zeros(languages, dtype=np.int64), nowhere.copy())

    def aim(self, sample: _Sample | None, limit: int) -> Int64:
        """Thresholds close around it; from the second pass on four more, evenly spaced, which always narrow."""
        near = np.stack([self.first - 1, self.last])
        whole = (self.first == self.last) | (self.most - self.fewest <= FEW)
        if sample:
            error = min(sample.error, limit / 4) / 4**self.passes
            for language in np.flatnonzero(~whole):
                near[:, language] = self._guessed(sample, int(language), error)
        even = self.first + (self.last - self.first) * np.arange(4)[:, None] // 4
        thresholds = np.concatenate([near, even[: 4 * (self.passes > 0)]])
        self.passes += 1
        return np.asarray(np.clip(thresholds, self.first - 1, self.last))

    def _guessed(self, sample: _Sample, language: int, error: float) -> Int64:
        """Thresholds that `error` more and fewer than `kept` scores exceed, if the sample is right in between."""
        most, fewest = self.most[language], self.fewest[language]
        shares = np.clip((most - self.kept + np.array([-error, error])) / (most - fewest), 0, 1)
        return sample.patterns(language, int(self.first[language]), int(self.last[language]), shares)

    def learn(self, found: _Pass) -> None:
        """Narrow the search by what was counted, and settle the languages of which all that is left was gathered."""
        for middle, total in zip(found.thresholds, found.totals, strict=True):
            enough = (total <= self.kept) & (middle < self.last)
            short = (total > self.kept) & (middle >= self.first)
            self.last, self.fewest = np.where(enough, middle, self.last), np.where(enough, total, self.fewest)
            self.first, self.most = np.where(short, middle + 1, self.first), np.where(short, total, self.most)
        bottom, top = found.thresholds[:2]
        settled = self.open & (self.first == bottom + 1) & (self.last == top)
        for language in np.flatnonzero(settled & (found.fitting | (self.first == self.last))):
            self._settle(int(language), np.concatenate(found.gathered[language]), found.smallest[language])

    def _settle(self, language: int, inside: Float32, beyond: np.float32) -> None:
        """`inside` is what lies in [first, last], unless that is a single value, and `beyond` the next score."""
        inside.sort()
        statistic, above, successor = _as_scores(self.last[language]), self.fewest[language], beyond
        if len(inside):
            statistic = inside[len(inside) - 1 - (self.kept - above)]
            larger = inside[np.searchsorted(inside, statistic, side="right") :]
            above, successor = above + len(larger), larger[0] if len(larger) else beyond
        self.found.statistic[language] = statistic
        self.found.above[language], self.found.successor[language] = above, successor
        self.open[language] = False


def _as_scores(patterns: Int64) -> Float32:
    """The numbers of bit patterns; -1, below all of them, is a negative number."""
    numbers: Float32 = np.where(patterns < 0, np.float32(-1), np.maximum(patterns, 0).astype(np.int32).view(np.float32))
    return numbers
