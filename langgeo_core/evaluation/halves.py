"""What two disjoint halves of each language's text say about the distances.

A language's own two halves lie apart although the language is the same: that distance is the noise floor, at half the
text. Two languages are told apart where the half of one and the other half of the other lie farther apart than the
halves of either, and farther than the halves of one language do by chance: one-sided against the prediction
of one more such distance (Student's t, n − 1 degrees of freedom), with a false discovery rate over all pairs below
`FALSE_DISCOVERIES` (Benjamini & Hochberg 1995).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.types import DistanceMatrix

Float64 = NDArray[np.float64]
FALSE_DISCOVERIES = 0.05
"""Of the pairs that are told apart, the share that are not apart, at most, by expectation."""


def half_id(language: str, half: int) -> str:
    """What a matrix of halves calls one of them: `deu/0`, `deu/1`."""
    return f"{language}/{half}"


def language_of_half(identifier: str) -> tuple[str, int]:
    """The language of an id of `half_id`, and which of its halves."""
    language, _, half = identifier.rpartition("/")
    return language, int(half)


@dataclass(frozen=True, eq=False)
class Halves:
    """Distances between halves of texts; NaN where a pair is missing.

    Parameters
    ----------
    ids : (n,) languages that have both halves
    own : (n,) between the two halves of each
    first, second : (n, n) between first halves, between second halves
    across : (n, n) between the first half of one and the second of the other, the mean of both ways; NaN on the
        diagonal
    """

    ids: tuple[str, ...]
    own: Float64
    first: Float64
    second: Float64
    across: Float64

    @classmethod
    def of(cls, matrix: DistanceMatrix) -> Self:
        """From a matrix whose ids are those of `half_id`; a language with one half is left out."""
        position = {identifier: index for index, identifier in enumerate(matrix.ids)}
        languages = dict.fromkeys(identifier.rpartition("/")[0] for identifier in matrix.ids)
        ids = tuple(name for name in languages if {half_id(name, 0), half_id(name, 1)} <= position.keys())
        rows = [np.array([position[half_id(name, half)] for name in ids], dtype=np.intp) for half in (0, 1)]
        one_way = matrix.values[np.ix_(rows[0], rows[1])]
        across = (one_way + one_way.T) / 2
        np.fill_diagonal(across, np.nan)
        first, second = (matrix.values[np.ix_(row, row)] for row in rows)
        return cls(ids, np.diagonal(one_way).copy(), first, second, across)

    def subset(self, rows: NDArray[np.int64]) -> Halves:
        """Some of the languages, by position."""
        square = np.ix_(rows, rows)
        ids = tuple(self.ids[row] for row in rows)
        return Halves(ids, self.own[rows], self.first[square], self.second[square], self.across[square])

    @cached_property
    def floors(self) -> Float64:
        """(n, n) the floor of each pair: the farther apart of the two languages' own halves."""
        floors: Float64 = np.maximum(self.own[:, np.newaxis], self.own)
        return floors

    @cached_property
    def below(self) -> NDArray[np.bool_]:
        """(n, n) whether a pair is known and not told apart."""
        known = self.pairs
        apart = np.zeros(known.shape, dtype=bool)
        apart[known] = self._rates[known] < FALSE_DISCOVERIES
        apart |= apart.T
        return np.asarray((known | known.T) & ((self.across <= self.floors) | ~apart))

    @property
    def _rates(self) -> Float64:
        """(n, n) the false discovery rate at which each known pair, above the diagonal, would be told apart."""
        from scipy.stats import false_discovery_control, t

        own, known = self.own[np.isfinite(self.own)], self.pairs
        rates = np.full(known.shape, np.nan)
        if known.any():
            error = float(own.std(ddof=1)) * np.sqrt(1 + 1 / len(own))
            beyond = self.across[known] - own.mean()
            chances = t.sf(beyond / error, len(own) - 1) if error > 0 else np.where(beyond > 0, 0.0, 1.0)
            rates[known] = false_discovery_control(chances)
        return rates

    @property
    def pairs(self) -> NDArray[np.bool_]:
        """(n, n) the known pairs, each once."""
        return np.triu(np.isfinite(self.across) & np.isfinite(self.floors), k=1)


def split_half(halves: Halves) -> float:
    """Spearman's rank correlation of the distances within first halves with those within second halves."""
    return rank_correlation(halves.first, halves.second)


def rank_correlation(one: Float64, other: Float64) -> float:
    """Spearman's, of two (n, n) matrices over the pairs that both have; NaN for fewer than three, or all equal."""
    from scipy.stats import rankdata

    upper = np.triu(np.isfinite(one) & np.isfinite(other), k=1)
    if upper.sum() < 3:
        return float("nan")
    ranks = rankdata(one[upper]), rankdata(other[upper])
    if min(np.ptp(ranks[0]), np.ptp(ranks[1])) == 0:
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])


def spearman_brown(correlation: float) -> float:
    """What two measurements of twice the length would correlate, 2r / (1 + r) (Spearman 1910; Brown 1910).

    A negative correlation has no such forecast: it stays as it is.
    """
    return 2 * correlation / (1 + correlation) if correlation > 0 else correlation


def below_floor(halves: Halves) -> float:
    """Share of the known pairs that are not told apart; NaN without any."""
    known = halves.pairs
    return float(halves.below[known].mean()) if known.any() else float("nan")


def floor_share(halves: Halves) -> float:
    """The mean floor as a share of the mean distance between languages."""
    known = halves.pairs
    own = halves.own[np.isfinite(halves.own)]
    mean = float(halves.across[known].mean()) if known.any() else 0.0
    return float(own.mean()) / mean if mean and len(own) else float("nan")


def same_nearest(halves: Halves) -> float:
    """Share of languages whose nearest neighbour is the same one in both halves."""
    found = [(nearest(row, index), nearest(halves.second[index], index)) for index, row in enumerate(halves.first)]
    known = [one == other for one, other in found if one is not None and other is not None]
    return float(np.mean(known)) if known else float("nan")


def nearest(row: Float64, own: int) -> int | None:
    """The position of the nearest other language; None where no pair is known."""
    others = row.copy()
    others[own] = np.nan
    return int(np.nanargmin(others)) if np.isfinite(others).any() else None
