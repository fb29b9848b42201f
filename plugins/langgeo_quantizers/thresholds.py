"""Exact medians and other order statistics of all languages' scores.

Of separable scores they are found by a search over counts, with no language's scores written out; of others by
counting over the scores as they are read. Of rows, which are short, the scores are sorted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Scores, SeparableScores
from langgeo_quantizers.bracket import Bracket
from langgeo_quantizers.counting import smallest_above
from langgeo_quantizers.streamed import streamed_order_statistics

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]

SEARCHES = 8
"""Two passes over written out scores find any number of order statistics; a search finds one, much faster."""


def medians(group: Sequence[Scores]) -> Float32:
    """(languages,) median of each language's scores over all matrices of the group.

    For an even number of scores it is the mean of the two middle ones, rounded to float32.
    """
    size = sum(scores.matrix.size for scores in group)
    separable = _separable(group)
    if separable is None:
        return _middle(streamed_order_statistics(group, _middle_ranks(size)))
    lower, above, successor = _order_statistic(separable, (size + 1) // 2)
    if size % 2:
        return lower
    return _middle(np.stack([lower, np.where(above < size // 2, lower, successor)]))


def order_statistics(group: Sequence[Scores], rank: int) -> Float32:
    """(languages,) the `rank`-th smallest score of each language over all matrices of the group, from 1."""
    only: Float32 = several_order_statistics(group, [rank])[0]
    return only


def several_order_statistics(group: Sequence[Scores], ranks: Sequence[int]) -> Float32:
    """(ranks, languages) the rank-th smallest scores of each language over all matrices of the group, from 1."""
    separable = _separable(group)
    if separable is None or len(ranks) > SEARCHES:
        return streamed_order_statistics(group, ranks)
    return np.stack([_order_statistic(separable, rank)[0] for rank in ranks])


def row_medians(scores: Scores) -> Float32:
    """(languages, rows) median of each language's scores in each row; see `medians`."""
    return _middle(row_order_statistics(scores, _middle_ranks(scores.matrix.columns)))


def row_order_statistics(scores: Scores, ranks: Sequence[int]) -> Float32:
    """(ranks, languages, rows) the rank-th smallest scores of each language in each row, from 1."""
    places = np.array(ranks) - 1
    languages = range(scores.languages)
    chosen = [np.sort(scores.dense(language), axis=1)[:, places].T for language in languages]
    return np.stack(chosen, axis=1)


def upper_rank(size: int, kept: int) -> int:
    """The rank, from 1, of the smallest of `size` scores that at most `kept` of them exceed."""
    return max(1, size - kept)


def _middle_ranks(size: int) -> tuple[int, int]:
    return (size + 1) // 2, size // 2 + 1


def _middle(pair: Float32) -> Float32:
    """The mean of the two, rounded to float32 once."""
    middle: Float32 = ((pair[0].astype(np.float64) + pair[1]) / 2).astype(np.float32)
    return middle


def _separable(group: Sequence[Scores]) -> list[SeparableScores] | None:
    """The group if all of it is separable."""
    separable = [scores for scores in group if isinstance(scores, SeparableScores)]
    return separable if len(separable) == len(group) else None


def _order_statistic(group: Sequence[SeparableScores], rank: int) -> tuple[Float32, Int64, Float32]:
    """The `rank`-th smallest score, how many exceed it, and the smallest of those; each (languages,).

    It is the smallest number t with at most `size - rank` scores above it.
    """
    bracket = Bracket(group, rank)
    bracket.tighten()
    statistic, above = bracket.last.astype(np.int32).view(np.float32), bracket.fewest.copy()
    successor = np.full(len(above), np.nan, dtype=np.float32)
    for language, inside in bracket.candidates().items():
        inside.sort()
        statistic[language] = inside[len(inside) - 1 - (bracket.kept - bracket.fewest[language])]
        larger = inside[np.searchsorted(inside, statistic[language], side="right") :]
        above[language] += len(larger)
        successor[language] = larger[0] if len(larger) else np.nan
    beyond = np.isnan(successor)
    if beyond.any():
        successor = np.where(beyond, _smallest_kept(bracket), successor)
    return statistic, above, successor


def _smallest_kept(bracket: Bracket) -> Float32:
    """(languages,) the smallest score above the bracket."""
    parts = [smallest_above(part.squares, part.factors, part.low) for part in bracket.parts]
    smallest: Float32 = np.minimum.reduce(parts)
    return smallest
