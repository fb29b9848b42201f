"""Made-up weight matrices, scores of them, and the arrays inside signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.signatures import (
    LevelCounts,
    PackedBits,
    PerWeightScores,
    Scores,
    SeparableScores,
    Signature,
)
from langgeo_core.contract.types import WeightMatrix

LANGUAGES = 4
ROWS = 12
SHAPES = {"q_proj": (ROWS, 7), "down_proj": (ROWS, 5)}
"""Rows and columns of two matrices of one decoder block; neither has a whole number of bytes of bits in a row."""


def weight_matrix(module: str = "q_proj") -> WeightMatrix:
    """One of the two matrices."""
    rows, columns = SHAPES[module]
    return WeightMatrix(f"layers.0.{module}", 0, module, rows, columns, f"layers.0.{module}")


def separable(module: str = "q_proj", order: Sequence[int] = range(LANGUAGES)) -> SeparableScores:
    """Scores of four languages; the weights are multiples of 1/8, so that there are zeros and ties."""
    matrix = weight_matrix(module)
    random = np.random.default_rng(sum(module.encode()))
    weights = np.round(random.normal(size=(matrix.rows, matrix.columns)) * 8) / 8
    factors = random.lognormal(size=(LANGUAGES, matrix.columns))
    return SeparableScores(matrix, weights.astype(np.float32), factors.astype(np.float32)[list(order)])


def written_out(scores: SeparableScores) -> PerWeightScores:
    """The same scores as if they did not separate."""
    dense = np.stack([scores.dense(language) for language in range(scores.languages)])
    return PerWeightScores(scores.matrix, len(dense), lambda who, start, stop: dense[who, start:stop].copy())


def language_axis(form: type[Signature], name: str) -> int | None:
    """Which axis of a signature's array runs over the languages; None where none does."""
    if name in ("first", "second", "entries"):
        return None
    return 1 if form is LevelCounts else 0


def arrays(signature: Signature) -> dict[str, NDArray[Any]]:
    """The arrays of a signature by their names, those that are None left out."""
    named = {field.name: getattr(signature, field.name) for field in fields(signature)}
    return {name: values for name, values in named.items() if name != "matrix" and values is not None}


def permuted(signature: Signature, order: Sequence[int]) -> Signature:
    """The signature with its languages in another order."""
    moved: dict[str, Any] = {}
    for name, values in arrays(signature).items():
        axis = language_axis(type(signature), name)
        moved[name] = values if axis is None else np.take(values, list(order), axis=axis)
    return replace(signature, **moved)


def bits(signature: PackedBits) -> NDArray[np.uint8]:
    """(languages, rows, columns) zeros and ones."""
    matrix = signature.matrix
    unpacked = np.unpackbits(signature.bits, axis=1)
    return unpacked[:, : matrix.size].reshape(-1, matrix.rows, matrix.columns)


def blocks(scores: Scores, rows: int = 5) -> Iterator[Scores]:
    """The scores a few rows at a time."""
    for start in range(0, scores.matrix.rows, rows):
        yield scores.block(start, min(start + rows, scores.matrix.rows))
