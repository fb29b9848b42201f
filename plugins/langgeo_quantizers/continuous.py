"""Quantizers that keep the scores as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import (
    Dense,
    NumericalError,
    ScaledColumns,
    Scores,
    SeparableScores as Separable,
    ShiftedColumns,
    Signature,
)

Float64 = NDArray[np.float64]


class Identity:
    """The scores themselves: S_ij = w_ij² · g_j.

    Distances of raw scores are ruled by a few large features; `log` is the fair continuous counterpart of a bit.
    """

    scope = "matrix"

    def forms(self) -> tuple[type[Signature], ...]:
        """Columns with one factor each, or everything written out."""
        return (ScaledColumns, Dense)

    def fit(self, group: Sequence[Scores]) -> None:
        """Nothing to learn."""

    def encode(self, scores: Scores, fitted: None, form: type[Signature]) -> Signature:
        """a_ij = w_ij² and v_j = g_j."""
        if form is Dense:
            return Dense(scores.matrix, np.stack([scores.dense(index).ravel() for index in range(scores.languages)]))
        squares = np.square(scores.weights).astype(np.float64)
        values = scores.feature_scores.astype(np.float64)
        return ScaledColumns(scores.matrix, values, squares.sum(axis=0), np.square(squares).sum(axis=0))


class Logarithm:
    """log S_ij = log w_ij² + log g_j over the weights that are not zero.

    A zero weight scores 0 for every language and is left out; so is a feature that is zero in every language.
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
            If a feature's score is zero in some languages and not in others.
        """
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


def _alive(scores: Separable) -> NDArray[np.bool_]:
    """(columns,) the features with a positive score, which must be the same in every language."""
    positive = (scores.feature_scores > 0).sum(axis=0)
    alive: NDArray[np.bool_] = positive > 0
    if (positive[alive] < scores.languages).any():
        raise NumericalError(
            f"{scores.matrix.name}: a feature scores zero in some languages only, and zero has no logarithm",
            "use a scorer that is positive everywhere, such as sparsegpt, or scorer.damped=true",
        )
    return alive
