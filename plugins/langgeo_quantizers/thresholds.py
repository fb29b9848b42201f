"""Exact medians of all languages' scores by counting: no language's scores are ever written out or sorted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import SeparableScores
from langgeo_quantizers.bracket import Bracket
from langgeo_quantizers.counting import smallest_above

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]


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
