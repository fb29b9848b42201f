"""Exact medians and other order statistics of all languages' scores.

Of separable scores they are found by a search over counts, with no language's scores written out; of others by
counting over the scores as they are read. Of rows, which are short, the scores are sorted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DeferredScores, Scores, SeparableScores
from langgeo_quantizers.search import search
from langgeo_quantizers.streamed import streamed_order_statistics

Float32 = NDArray[np.float32]

SEARCHES = 8
"""Two passes over written out scores find any number of order statistics; a search finds so many at once, faster."""


def medians(group: Sequence[Scores]) -> Float32:
    """(languages,) median of each language's scores over all matrices of the group.

    For an even number of scores it is the mean of the two middle ones, rounded to float32.
    """
    size = sum(scores.matrix.size for scores in group)
    separable = _separable(group)
    if separable is None:
        return _middle(streamed_order_statistics(group, _middle_ranks(size)))
    (lower,) = search(separable, [(size + 1) // 2])
    if size % 2:
        return lower.statistic
    return _middle(np.stack([lower.statistic, np.where(lower.above < size // 2, lower.statistic, lower.successor)]))


def order_statistics(group: Sequence[Scores], rank: int) -> Float32:
    """(languages,) the `rank`-th smallest score of each language over all matrices of the group, from 1."""
    only: Float32 = several_order_statistics(group, [rank])[0]
    return only


def several_order_statistics(group: Sequence[Scores], ranks: Sequence[int]) -> Float32:
    """(ranks, languages) the rank-th smallest scores of each language over all matrices of the group, from 1."""
    separable = _separable(group)
    if separable is None or (len(ranks) > SEARCHES and not _deferred(separable)):
        return streamed_order_statistics(group, ranks)
    several = [ranks[start : start + SEARCHES] for start in range(0, len(ranks), SEARCHES)]
    return np.stack([found.statistic for some in several for found in search(separable, some)])


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


def _deferred(group: Sequence[SeparableScores]) -> bool:
    """Whether each look at a language would read all weights again."""
    return any(isinstance(scores, DeferredScores) for scores in group)
