"""Cosine and correlation distance, from moments that are summed over weight matrices."""

from __future__ import annotations

from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Dense, LevelCounts, Levels, NumericalError, ScaledColumns, ShiftedColumns, Signature
from langgeo_distances import nested
from langgeo_distances.norms import FORMS
from langgeo_distances.pairs import BLOCK, products_of_levels

Float64 = NDArray[np.float64]
Numbers = NDArray[np.float64] | NDArray[np.int64]


@singledispatch
def moments(signature: Signature) -> Float64:
    """(3, languages, languages): Σ S(a) S(b), Σ S(a) along each row, and the number of entries."""
    raise TypeError(f"angles need numbers, not {type(signature).__name__}")


@moments.register
def _(signature: ScaledColumns) -> Float64:
    values = signature.values
    products = (values * signature.second) @ values.T
    return _stack(products, values @ signature.first, signature.matrix.size)


@moments.register
def _(signature: ShiftedColumns) -> Float64:
    values, entries, first = signature.values, signature.entries, signature.first
    shifted = values @ first
    products = (values * entries) @ values.T + np.add.outer(shifted, shifted) + signature.second.sum()
    return _stack(products, values @ entries + first.sum(), entries.sum())


@moments.register
def _(signature: Dense) -> Float64:
    values = signature.values
    products, sums = np.zeros((len(values), len(values))), np.zeros(len(values))
    for start in range(0, values.shape[1], BLOCK):
        block = values[:, start : start + BLOCK].astype(np.float64)
        products += block @ block.T
        sums += block.sum(axis=1)
    return _stack(products, sums, values.shape[1])


@moments.register
def _(signature: Levels) -> Float64:
    sums = signature.values.sum(axis=1, dtype=np.int64)
    return _stack(products_of_levels(signature.values), sums, signature.values.shape[1])


@moments.register
def _(signature: LevelCounts) -> Float64:
    sums, squares = nested.sums(signature.counts)
    products = (np.add.outer(squares, squares) - nested.squared(signature.counts)) // 2
    return _stack(products, sums, signature.matrix.size)


class Cosine:
    """1 - Σ S(a) S(b) / (‖S(a)‖ ‖S(b)‖)."""

    terms = ("product", "sum", "entries")
    squared = True

    def forms(self) -> tuple[type[Signature], ...]:
        """Factors or summands of columns, levels, or a value for each weight."""
        return FORMS

    def partial(self, signature: Signature) -> Float64:
        """(3, languages, languages) moments of one weight matrix."""
        return moments(signature)

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) in [0, 2]."""
        return _one_minus_quotient(total[0])


class Correlation(Cosine):
    """1 - Pearson's correlation: the cosine of the values minus their mean."""

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) in [0, 2]."""
        products, sums, entries = total
        return _one_minus_quotient(products - sums * sums.T / entries)


def _stack(products: Numbers, sums: Numbers, entries: float) -> Float64:
    rows = np.repeat(sums[:, np.newaxis], len(sums), axis=1)
    return np.stack([products, rows, np.full(products.shape, entries)]).astype(np.float64)


def _one_minus_quotient(products: Float64) -> Float64:
    norms = np.sqrt(np.diagonal(products))
    if (norms == 0).any() or np.isnan(norms).any():
        raise NumericalError("a language's values are constant, so no angle is defined", "use another distance")
    distances: Float64 = np.clip(1 - products / np.outer(norms, norms), 0.0, 2.0)
    return distances
