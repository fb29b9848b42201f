"""Quantizers that keep the scores as numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import (
    Dense,
    Densities,
    NumericalError,
    ScaledColumns,
    Scores,
    SeparableScores,
    ShiftedColumns,
    Signature,
)
from langgeo_quantizers.streamed import chunks

Float64 = NDArray[np.float64]


class Identity:
    """The scores themselves: S_ij = w_ij² · g_j where they are separable.

    Distances of raw scores are ruled by a few large features; `log` is the fair continuous counterpart of a bit.
    """

    scope = "matrix"

    def forms(self) -> tuple[type[Signature], ...]:
        """Columns with one factor each, or everything written out, as it is or as a distribution."""
        return (ScaledColumns, Dense, Densities)

    def fit(self, group: Sequence[Scores]) -> Callable[[], Float64]:
        """(languages,) the means over the matrix, taken when they are asked for."""
        (scores,) = group
        return cache(lambda: _means(scores))

    def encode(self, scores: Scores, fitted: Callable[[], Float64], form: type[Signature]) -> Signature:
        """a_ij = w_ij² and v_j = g_j."""
        if form is ScaledColumns and isinstance(scores, SeparableScores):
            squares = np.square(scores.weights).astype(np.float64)
            values = scores.feature_scores.astype(np.float64)
            return ScaledColumns(scores.matrix, values, squares.sum(axis=0), np.square(squares).sum(axis=0))
        written = _written_out(scores)
        return Densities(scores.matrix, written, fitted()) if form is Densities else Dense(scores.matrix, written)


class Logarithm:
    """log S_ij over the weights that score above zero: log w_ij² + log g_j where scores are separable.

    A zero weight scores 0 for every language and is left out; so is any weight that scores zero in every language.
    """

    scope = "matrix"

    def forms(self) -> tuple[type[Signature], ...]:
        """Columns with one summand each, or everything written out."""
        return (ShiftedColumns, Dense)

    def fit(self, group: Sequence[Scores]) -> None:
        """Nothing to learn."""

    def encode(self, scores: Scores, fitted: None, form: type[Signature]) -> Signature:
        """a_ij = log w_ij² and v_j = log g_j.

        Raises
        ------
        NumericalError
            If a feature's or a weight's score is zero in some languages and not in others.
        """
        if not isinstance(scores, SeparableScores):
            return Dense(scores.matrix, _logarithms(scores))
        alive = _alive(scores)
        squares = np.square(scores.weights[:, alive]).astype(np.float64)
        counts = squares > 0
        logarithms = np.log(squares, out=np.zeros_like(squares), where=counts)
        values = np.log(scores.feature_scores[:, alive].astype(np.float64))
        if form is Dense:
            rows = [(logarithms + value)[counts] for value in values]
            return Dense(scores.matrix, np.stack(rows).astype(np.float32))
        return ShiftedColumns(
            scores.matrix,
            values,
            counts.sum(axis=0).astype(np.float64),
            logarithms.sum(axis=0),
            np.square(logarithms).sum(axis=0),
        )


def _written_out(scores: Scores) -> NDArray[np.float32]:
    """(languages, entries) float32."""
    return np.stack([scores.dense(language).ravel() for language in range(scores.languages)])


def _means(scores: Scores) -> Float64:
    """(languages,) the mean score, read some rows at a time."""
    languages = range(scores.languages)
    sums = [sum(float(part.sum(dtype=np.float64)) for part in chunks([scores], language)) for language in languages]
    return np.array(sums) / scores.matrix.size


def _logarithms(scores: Scores) -> NDArray[np.float32]:
    """(languages, entries) float32 logarithms of the scores, where they are positive in every language."""
    values = _written_out(scores)
    positive = np.count_nonzero(values, axis=0)
    if ((positive > 0) & (positive < len(values))).any():
        raise NumericalError(
            f"{scores.matrix.name}: a weight scores zero in some languages only, and zero has no logarithm",
            "use a quantizer that needs none: median, n-bit, rank or none",
        )
    found: NDArray[np.float32] = np.log(values[:, positive > 0])
    return found


def _alive(scores: SeparableScores) -> NDArray[np.bool_]:
    """(columns,) the features with a positive score, which must be the same in every language."""
    positive = (scores.feature_scores > 0).sum(axis=0)
    alive: NDArray[np.bool_] = positive > 0
    if (positive[alive] < scores.languages).any():
        raise NumericalError(
            f"{scores.matrix.name}: a feature scores zero in some languages only, and zero has no logarithm",
            "use a scorer that is positive everywhere, such as sparsegpt, or scorer.floor=0.001",
        )
    return alive
