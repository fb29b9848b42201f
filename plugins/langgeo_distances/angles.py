"""Cosine and correlation distance, from moments that add up over weight matrices."""

from __future__ import annotations

from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Dense, NumericalError, ScaledColumns, ShiftedColumns, Signature

Float64 = NDArray[np.float64]


@singledispatch
def moments(signature: Signature) -> Float64:
    """(3, languages, languages): Σ S(a) S(b), Σ S(a) along each row, and how many entries there are."""
    raise TypeError(f"angles are between numbers, not {type(signature).__name__}")


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
    values = signature.values.astype(np.float64)
    return _stack(values @ values.T, values.sum(axis=1), values.shape[1])


class Cosine:
    """1 - Σ S(a) S(b) / (‖S(a)‖ ‖S(b)‖)."""

    terms = ("product", "sum", "entries")

    def forms(self) -> tuple[type[Signature], ...]:
        """Columns, or everything written out."""
        return (ScaledColumns, ShiftedColumns, Dense)

    def partial(self, signature: Signature) -> Float64:
        """(3, languages, languages) moments of one weight matrix."""
        return moments(signature)

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) in [0, 2]."""
        return _one_minus_quotient(total[0])


class Correlation(Cosine):
    """1 - Pearson's correlation: the cosine of the values less their mean."""

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) in [0, 2]."""
        products, sums, entries = total
        return _one_minus_quotient(products - sums * sums.T / entries)


def _stack(products: Float64, sums: Float64, entries: float) -> Float64:
    return np.stack([products, np.repeat(sums[:, np.newaxis], len(sums), axis=1), np.full_like(products, entries)])


def _one_minus_quotient(products: Float64) -> Float64:
    norms = np.sqrt(np.diagonal(products))
    if (norms == 0).any() or np.isnan(norms).any():
        raise NumericalError("a language's values do not vary, so they have no angle", "use another distance")
    distances: Float64 = np.clip(1 - products / np.outer(norms, norms), 0.0, 2.0)
    return distances
