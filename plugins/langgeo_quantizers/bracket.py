"""Between which thresholds an order statistic of every language's scores lies, and how many scores lie there too.

Non-negative float32 numbers are ordered like their bit patterns, which are what is searched: they grow about as the
logarithm of the score, over which counts fall smoothly, so that interpolation needs few steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import SeparableScores
from langgeo_quantizers.counting import gather, narrow

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]

INFINITY_BITS = int(np.array(np.inf, dtype=np.float32).view(np.int32))
SAMPLE = 4096
"""About how many scores of a language the first guess is made of."""
SLACK = 0.01
"""How far, as a share of all scores, the sample is trusted to be off."""
FEW = 1024
"""With no more scores than this, or a thousandth of all, left in a language's bracket they are sorted."""
GUESSES = 12
"""After as many steps of interpolation the bracket is halved instead."""


class Bracket:
    """The statistic lies in [first, last] (bit patterns); `most` scores exceed first - 1 and `fewest` exceed last.

    It is the smallest number with at most `kept` scores above it.
    """

    def __init__(self, group: Sequence[SeparableScores], rank: int) -> None:
        self.size = sum(scores.matrix.size for scores in group)
        self.kept = self.size - rank
        self.few = max(FEW, self.size >> 10)
        self.parts = [_Part(scores) for scores in group]
        languages = group[0].languages
        self.first = np.zeros(languages, dtype=np.int64)
        self.last = np.full(languages, INFINITY_BITS, dtype=np.int64)
        self.most = np.full(languages, self.size, dtype=np.int64)
        self.fewest = np.zeros(languages, dtype=np.int64)

    @property
    def wide(self) -> NDArray[np.bool_]:
        """(languages,) whether more scores are left than are worth sorting."""
        return (self.first < self.last) & (self.most - self.fewest > self.few)

    def tighten(self) -> None:
        """Narrow it until only few scores, or one value, are left for every language."""
        if not self.wide.any():
            return
        for guess in self._sampled():
            self._probe(np.clip(guess, self.first, self.last))
        step = 0
        while (wide := self.wide).any():
            middle = self._interpolated() if step < GUESSES else (self.first + self.last) // 2
            self._probe(np.where(wide, middle, self.last))
            step += 1

    def candidates(self) -> dict[int, Float32]:
        """The scores in the bracket of every language that has more than one value there."""
        several = self.first < self.last
        inside = np.where(several, self.most - self.fewest, 0)
        into = np.empty((len(inside), int(inside.max())), dtype=np.float32)
        filled = np.where(several, 0, -1)
        for part in self.parts:
            gather(part.squares, part.factors, part.low, part.high, into, filled)
        return {int(language): into[language, : inside[language]] for language in np.flatnonzero(several)}

    def _probe(self, middle: Int64) -> None:
        """Count what exceeds `middle` in [first, last], and move one end of each language there; last moves none."""
        thresholds = middle.astype(np.int32).view(np.float32)
        counted = [narrow(part.squares, part.factors, thresholds, part.low, part.high) for part in self.parts]
        total = np.sum([counts.sum(axis=0, dtype=np.int64) for counts in counted], axis=0)
        enough = total <= self.kept
        self.last, self.first = np.where(enough, middle, self.last), np.where(enough, self.first, middle + 1)
        self.fewest, self.most = np.where(enough, total, self.fewest), np.where(enough, self.most, total)
        for part, counts in zip(self.parts, counted, strict=True):
            part.low = np.where(enough, counts, part.low)
            part.high = np.where(enough, part.high, counts)

    def _interpolated(self) -> Int64:
        """Thresholds a little to that side of the statistic on which more scores are left."""
        aside = np.where(self.most - self.kept > self.kept - self.fewest, self.few // 4, -(self.few // 4))
        share = (self.most - self.kept - aside) / np.maximum(self.most - self.fewest, 1)
        middle = self.first - 1 + (share * (self.last - self.first + 1)).astype(np.int64)
        clipped: Int64 = np.clip(middle, self.first, np.maximum(self.last - 1, self.first))
        return clipped

    def _sampled(self) -> tuple[Int64, Int64]:
        """Bit patterns a little below and above the statistic of a sample of the scores."""
        columns = sum(len(part.squares) for part in self.parts)
        sample = np.concatenate([part.sample(-(-SAMPLE // columns)) for part in self.parts])
        share = 1.0 - self.kept / self.size
        ranks = [int(np.clip((share + side) * len(sample), 0, len(sample) - 1)) for side in (-SLACK, SLACK)]
        ordered = np.partition(np.ascontiguousarray(sample.T), ranks, axis=1)
        low, high = (ordered[:, rank].view(np.int32).astype(np.int64) for rank in ranks)
        return low, high


class _Part:
    """One matrix, and between which counts those of every language and column lie: (columns, languages)."""

    def __init__(self, scores: SeparableScores) -> None:
        self.squares = scores.sorted_squares
        self.factors = np.ascontiguousarray(scores.feature_scores.T)
        self.low = np.zeros(self.factors.shape, dtype=np.int32)
        self.high = np.full_like(self.low, scores.matrix.rows)

    def sample(self, strata: int) -> Float32:
        """(columns · strata, languages) scores at evenly spaced ranks of every column."""
        rows = self.squares.shape[1]
        places = ((np.arange(strata) + 0.5) * rows / strata).astype(np.int64)
        with np.errstate(over="ignore"):  # an infinite score is only larger than all others
            chosen: Float32 = self.squares[:, places, None] * self.factors[:, None, :]
        return chosen.reshape(-1, self.factors.shape[1])
