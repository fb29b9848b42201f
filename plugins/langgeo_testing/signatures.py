"""Made-up scores of weight matrices, and whether the signatures made of them are well formed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import (
    Dense,
    Densities,
    KeptCounts,
    LevelCounts,
    Levels,
    PackedBits,
    PerWeightScores,
    ScaledColumns,
    Scores,
    SeparableScores,
    ShiftedColumns,
    Signature,
    WeightMatrix,
)
from langgeo_testing.check import array, broken, finite, require, same

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


ROUNDING = 1e-5
"""Of sums of values that are float32 on one of two roads."""

GENERAL: dict[type[Signature], type[Signature]] = {
    KeptCounts: PackedBits,
    LevelCounts: Levels,
    ScaledColumns: Dense,
    ShiftedColumns: Dense,
}
"""The form with an entry for each weight that says the same as a compact one."""


def well_formed(signature: Signature, form: type[Signature]) -> None:
    """Require the form asked for, with arrays of the shape and dtype that it has."""
    require(type(signature) is form, f"encode gives {type(signature).__name__}, asked for {form.__name__}")
    for name, values in arrays(signature).items():
        array(f"{form.__name__}.{name}", values, _shape(signature, name, values), _KINDS[form, name])
        finite(f"{form.__name__}.{name}", values)
    _LIMITS.get(form, lambda _: None)(signature)


_KINDS = {(form, name): "f" for form in (ScaledColumns, ShiftedColumns) for name in ("values", "first", "second")} | {
    (ShiftedColumns, "entries"): "fiu",
    (Dense, "values"): "f",
    (Densities, "values"): "f",
    (Densities, "means"): "f",
    (KeptCounts, "counts"): "iu",
    (LevelCounts, "counts"): "iu",
    (PackedBits, "bits"): "u",
    (Levels, "values"): "u",
}


def _shape(signature: Signature, name: str, values: NDArray[Any]) -> tuple[int, ...]:
    matrix = signature.matrix
    if isinstance(signature, PackedBits):
        return LANGUAGES, -(-matrix.size // 8)
    if isinstance(signature, Levels):
        return LANGUAGES, matrix.size
    if isinstance(signature, Dense | Densities):
        return (LANGUAGES,) if name == "means" else (LANGUAGES, values.shape[-1])
    if isinstance(signature, LevelCounts):
        return len(values), LANGUAGES, matrix.columns
    columns = values.shape[-1] if isinstance(signature, ScaledColumns | ShiftedColumns) else matrix.columns
    return (columns,) if language_axis(type(signature), name) is None else (LANGUAGES, columns)


def _counts(signature: KeptCounts | LevelCounts) -> None:
    counts, rows = signature.counts, signature.matrix.rows
    require(
        bool(((counts >= 0) & (counts <= rows)).all()), f"counts reach from {counts.min()} to {counts.max()} of {rows}"
    )


def _falling(signature: LevelCounts) -> None:
    _counts(signature)
    rises = int((np.diff(signature.counts, axis=0) > 0).sum())
    require(rises == 0, f"{rises} counts rise from a threshold to the next higher one")


def _padded(signature: PackedBits) -> None:
    rest = np.unpackbits(signature.bits, axis=1)[:, signature.matrix.size :]
    require(not rest.any(), f"{int(rest.sum())} bits beyond the last weight are set")


def _entries(signature: Dense | Densities) -> None:
    entries, size = signature.values.shape[1], signature.matrix.size
    require(entries <= size, f"there are {entries} entries of {size} weights")


def _shares(signature: Densities) -> None:
    _entries(signature)
    require(bool((signature.values >= 0).all()), f"the least value is {signature.values.min()}")


_LIMITS: dict[type[Signature], Callable[[Any], None]] = {
    KeptCounts: _counts,
    LevelCounts: _falling,
    PackedBits: _padded,
    Dense: _entries,
    Densities: _shares,
}


def equal_forms(compact: Signature, general: Signature) -> None:
    """Require that a signature a column at a time and one of every weight say the same of the languages."""
    if isinstance(compact, KeptCounts) and isinstance(general, PackedBits):
        same("kept weights a column", compact.counts, bits(general).sum(axis=1, dtype=np.int64))
    elif isinstance(compact, LevelCounts) and isinstance(general, Levels):
        levels = general.values.reshape(len(general.values), compact.matrix.rows, -1)
        above = [(levels > threshold).sum(axis=1) for threshold in range(len(compact.counts))]
        same("weights above each threshold", compact.counts, np.stack(above))
    elif isinstance(compact, ScaledColumns | ShiftedColumns) and isinstance(general, Dense):
        same("squared distances", _by_column(compact), _by_entry(general.values), ROUNDING)
    else:
        broken(f"{type(compact).__name__} and {type(general).__name__} cannot be compared")


def _by_column(signature: ScaledColumns | ShiftedColumns) -> list[float]:
    factors = signature.second if isinstance(signature, ScaledColumns) else signature.entries
    return [float(factors @ (one - other) ** 2) for one, other in _pairs(signature.values)]


def _by_entry(values: NDArray[np.float32]) -> list[float]:
    return [float(((one - other) ** 2).sum()) for one, other in _pairs(values.astype(np.float64))]


def _pairs(rows: NDArray[np.float64]) -> Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    return list(combinations(rows, 2))
