"""Scores and signatures of all languages for one weight matrix."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.types import Float64, WeightMatrix

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SeparableScores:
    """Scores of the form S_ij(L) = w_ij² · g_j(L), computed in float32 on every road.

    weights : (rows, columns) float32
    feature_scores : (languages, columns) float32, g
    device : the torch device that scores may be counted on, or None for the processor without torch
    """

    matrix: WeightMatrix
    weights: Float32
    feature_scores: Float32
    device: str | None = None

    @cached_property
    def sorted_squares(self) -> Float32:
        """(columns, rows) float32: the squared weights of each column, ascending."""
        return _sorted_squares(self.weights)

    def held(self) -> SeparableScores:
        """The same with its weights in memory."""
        return self

    @property
    def languages(self) -> int:
        return len(self.feature_scores)

    def dense(self, language: int) -> Float32:
        """(rows, columns) float32: one language's scores, written out."""
        return np.asarray(np.square(self.weights) * self.feature_scores[language], dtype=np.float32)

    def block(self, start: int, stop: int) -> SeparableScores:
        """The scores of some rows, as if they were a matrix."""
        rows = replace(self.matrix, rows=stop - start)
        return SeparableScores(rows, self.weights[start:stop], self.feature_scores)


class DeferredScores(SeparableScores):
    """Separable scores whose weights, (rows, columns) float32, `read` gives whenever they are asked for.

    Nothing of them is kept. What needs more than one look at them takes `held()` for as long.
    """

    def __init__(
        self, matrix: WeightMatrix, read: Callable[[], Float32], feature_scores: Float32, device: str | None = None
    ) -> None:
        vars(self).update(matrix=matrix, feature_scores=feature_scores, device=device, _read=read)

    @property
    def weights(self) -> Float32:
        """(rows, columns) float32, read now."""
        found: Float32 = vars(self)["_read"]()
        return found

    @property
    def sorted_squares(self) -> Float32:
        """(columns, rows) float32, read and sorted now."""
        return _sorted_squares(self.weights)

    def held(self) -> SeparableScores:
        """The same with its weights in memory."""
        return SeparableScores(self.matrix, self.weights, self.feature_scores, self.device)


ROWS = 64
"""How many rows are transposed at a time: what they fill in the columns then stays in the processor's caches."""
MANY = 1 << 20
"""From so many weights on they are sorted by several threads."""


def _sorted_squares(weights: Float32) -> Float32:
    rows, columns = weights.shape
    squares = np.empty((columns, rows), dtype=np.float32)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = usable if weights.size >= MANY else 1
    stretch = max(1, -(-columns // threads))

    def sort(first: int) -> None:
        own = slice(first, first + stretch)
        for start in range(0, rows, ROWS):
            squares[own, start : start + ROWS] = np.square(weights[start : start + ROWS, own]).T
        squares[own].sort(axis=1)

    with ThreadPoolExecutor(threads) as pool:  # numpy sorts without Python's lock
        list(pool.map(sort, range(0, columns, stretch)))
    return squares


@dataclass(frozen=True, eq=False)
class PerWeightScores:
    """Scores that do not separate into weight and feature, read a few rows of one language at a time.

    languages : how many there are
    read : `read(language, start, stop)` gives (stop - start, columns) float32 scores
    """

    matrix: WeightMatrix
    languages: int
    read: Callable[[int, int, int], Float32]

    def held(self) -> PerWeightScores:
        """The same: its scores are read a few rows at a time, however often."""
        return self

    def dense(self, language: int) -> Float32:
        """(rows, columns) float32: one language's scores, written out."""
        return self.read(language, 0, self.matrix.rows)

    def block(self, start: int, stop: int) -> PerWeightScores:
        """The scores of some rows, as if they were a matrix."""
        rows = replace(self.matrix, rows=stop - start)
        return PerWeightScores(
            rows, self.languages, lambda who, first, last: self.read(who, start + first, start + last)
        )


@dataclass(frozen=True, eq=False)
class KeptCounts:
    """(languages, columns) int32: how many weights of each column are kept, the upper tails of one shared order."""

    matrix: WeightMatrix
    counts: NDArray[np.int32]

    @property
    def kept_share(self) -> Float64:
        kept: NDArray[np.int64] = self.counts.sum(axis=1, dtype=np.int64)
        return kept / self.matrix.size


@dataclass(frozen=True, eq=False)
class PackedBits:
    """(languages, ceil(size / 8)) uint8: the kept weights as bits, row-major, padded with zeros to whole bytes."""

    matrix: WeightMatrix
    bits: NDArray[np.uint8]

    @property
    def kept_share(self) -> Float64:
        kept: NDArray[np.int64] = np.bitwise_count(self.bits).sum(axis=1, dtype=np.int64)
        return kept / self.matrix.size


@dataclass(frozen=True, eq=False)
class ScaledColumns:
    """Values a_ij · v_j(L) whose language-dependent part is one factor a column.

    values : (languages, columns) float64, v
    first : (columns,) float64, Σ_i a_ij; a is non-negative
    second : (columns,) float64, Σ_i a_ij²
    """

    matrix: WeightMatrix
    values: Float64
    first: Float64
    second: Float64


@dataclass(frozen=True, eq=False)
class ShiftedColumns:
    """Values a_ij + v_j(L) whose language-dependent part is one summand a column, over the entries that count.

    values : (languages, columns) float64, v
    entries : (columns,) float64, how many entries of the column count
    first : (columns,) float64, Σ_i a_ij over them
    second : (columns,) float64, Σ_i a_ij² over them
    """

    matrix: WeightMatrix
    values: Float64
    entries: Float64
    first: Float64
    second: Float64


@dataclass(frozen=True, eq=False)
class LevelCounts:
    """(levels - 1, languages, columns) int32: how many weights of each column lie above each threshold, lowest first.

    All languages have the weights of a column in one order.
    """

    matrix: WeightMatrix
    counts: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Levels:
    """Every language's level of each weight, written out: (languages, entries) uint8, the lowest level 0."""

    matrix: WeightMatrix
    values: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Dense:
    """Every language's values written out: (languages, entries) float32.

    `entries` is the matrix's size, or less where the quantizer leaves some out for every language.
    """

    matrix: WeightMatrix
    values: Float32


@dataclass(frozen=True, eq=False)
class Densities:
    """Every language's scores as a distribution over a weight matrix, written out: `values` over `means`.

    values : (languages, entries) float32, non-negative
    means : (languages,) float64, of each language's values in the whole weight matrix, of which `values` may be some
        rows
    """

    matrix: WeightMatrix
    values: Float32
    means: Float64


Scores = SeparableScores | PerWeightScores
Signature = KeptCounts | PackedBits | LevelCounts | Levels | ScaledColumns | ShiftedColumns | Dense | Densities

COMPACT: tuple[type[Signature], ...] = (KeptCounts, LevelCounts, ScaledColumns, ShiftedColumns)
"""Signatures a column at a time, which only separable scores have; the others can be made of some rows at a time."""

_IN_WORDS: dict[type[Signature], str] = {
    KeptCounts: "bits",
    PackedBits: "bits",
    LevelCounts: "levels",
    Levels: "levels",
    ScaledColumns: "scores",
    ShiftedColumns: "logarithms",
    Dense: "numbers",
    Densities: "distributions",
}


def in_words(forms: Iterable[type[Signature]]) -> str:
    """What signatures hold, each once: `bits or levels`."""
    words = list(dict.fromkeys(_IN_WORDS.get(form, form.__name__) for form in forms)) or ["nothing"]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
