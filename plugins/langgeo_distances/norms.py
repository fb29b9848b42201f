"""Norms of the difference of two languages' values, in closed form where the values allow it."""

from __future__ import annotations

from functools import singledispatchmethod

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from langgeo_core.api import Dense, ScaledColumns, ShiftedColumns, Signature

Float64 = NDArray[np.float64]


class L1:
    """Σ |S(a) - S(b)| / entries.

    Of a_ij · v_j it is Σ_j (Σ_i a_ij) |v_j(a) - v_j(b)|, of a_ij + v_j it is Σ_j entries_j |v_j(a) - v_j(b)|.
    """

    terms = ("absolute", "entries")

    def forms(self) -> tuple[type[Signature], ...]:
        """Columns, or everything written out."""
        return (ScaledColumns, ShiftedColumns, Dense)

    @singledispatchmethod
    def partial(self, signature: Signature) -> Float64:
        """(2, languages, languages): summed absolute differences, and how many entries there are."""
        raise TypeError(f"l1 compares numbers, not {type(signature).__name__}")

    @partial.register
    def _(self, signature: ScaledColumns) -> Float64:
        return _terms(signature.values * signature.first, "cityblock", signature.matrix.size)

    @partial.register
    def _(self, signature: ShiftedColumns) -> Float64:
        return _terms(signature.values * signature.entries, "cityblock", signature.entries.sum())

    @partial.register
    def _(self, signature: Dense) -> Float64:
        return _terms(signature.values, "cityblock", signature.values.shape[1])

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) mean absolute differences."""
        mean: Float64 = total[0] / total[1]
        return mean


class L2:
    """√(Σ (S(a) - S(b))² / entries).

    Of a_ij · v_j the sum is Σ_j (Σ_i a_ij²) (v_j(a) - v_j(b))², of a_ij + v_j it is Σ_j entries_j (v_j(a) - v_j(b))².
    """

    terms = ("squared", "entries")

    def forms(self) -> tuple[type[Signature], ...]:
        """Columns, or everything written out."""
        return (ScaledColumns, ShiftedColumns, Dense)

    @singledispatchmethod
    def partial(self, signature: Signature) -> Float64:
        """(2, languages, languages): summed squared differences, and how many entries there are."""
        raise TypeError(f"l2 compares numbers, not {type(signature).__name__}")

    @partial.register
    def _(self, signature: ScaledColumns) -> Float64:
        return _terms(signature.values * np.sqrt(signature.second), "sqeuclidean", signature.matrix.size)

    @partial.register
    def _(self, signature: ShiftedColumns) -> Float64:
        return _terms(signature.values * np.sqrt(signature.entries), "sqeuclidean", signature.entries.sum())

    @partial.register
    def _(self, signature: Dense) -> Float64:
        return _terms(signature.values, "sqeuclidean", signature.values.shape[1])

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) root mean squared differences."""
        root: Float64 = np.sqrt(total[0] / total[1])
        return root


def _terms(values: NDArray[np.floating], metric: str, entries: float) -> Float64:
    differences = squareform(pdist(values.astype(np.float64), metric))
    return np.stack([differences, np.full_like(differences, entries)])
