"""Norms of the difference of two languages' values, in closed form if possible."""

from __future__ import annotations

from functools import singledispatchmethod

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from langgeo_core.api import Dense, LevelCounts, Levels, ScaledColumns, ShiftedColumns, Signature
from langgeo_distances import nested
from langgeo_distances.pairs import BLOCK, city_block_of_levels, products_of_levels, squared_differences

Float64 = NDArray[np.float64]
Numbers = NDArray[np.float64] | NDArray[np.int64]

FORMS: tuple[type[Signature], ...] = (ScaledColumns, ShiftedColumns, LevelCounts, Levels, Dense)
"""Signatures of numbers."""


class L1:
    """Σ |S(a) - S(b)| / entries.

    For a_ij · v_j the sum is Σ_j (Σ_i a_ij) |v_j(a) - v_j(b)|, for a_ij + v_j it is Σ_j entries_j |v_j(a) - v_j(b)|;
    for levels the city-block distances of all thresholds are summed.
    """

    terms = ("absolute", "entries")
    squared = True

    def forms(self) -> tuple[type[Signature], ...]:
        """Factors or summands of columns, levels, or a value for each weight."""
        return FORMS

    @singledispatchmethod
    def partial(self, signature: Signature) -> Float64:
        """(2, languages, languages): summed absolute differences, and the number of entries."""
        raise TypeError(f"l1 compares numbers, not {type(signature).__name__}")

    @partial.register
    def _(self, signature: ScaledColumns) -> Float64:
        return _terms(_differences(signature.values * signature.first, "cityblock"), signature.matrix.size)

    @partial.register
    def _(self, signature: ShiftedColumns) -> Float64:
        return _terms(_differences(signature.values * signature.entries, "cityblock"), signature.entries.sum())

    @partial.register
    def _(self, signature: LevelCounts) -> Float64:
        return _terms(nested.absolute(signature.counts), signature.matrix.size)

    @partial.register
    def _(self, signature: Levels) -> Float64:
        return _terms(city_block_of_levels(signature.values), signature.values.shape[1])

    @partial.register
    def _(self, signature: Dense) -> Float64:
        return _terms(_differences(signature.values, "cityblock"), signature.values.shape[1])

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) mean absolute differences."""
        mean: Float64 = total[0] / total[1]
        return mean


class L2:
    """√(Σ (S(a) - S(b))² / entries).

    For a_ij · v_j the sum is Σ_j (Σ_i a_ij²) (v_j(a) - v_j(b))², for a_ij + v_j it is Σ_j entries_j (v_j(a) - v_j(b))².
    """

    terms = ("squared", "entries")

    def forms(self) -> tuple[type[Signature], ...]:
        """Factors or summands of columns, levels, or a value for each weight."""
        return FORMS

    @singledispatchmethod
    def partial(self, signature: Signature) -> Float64:
        """(2, languages, languages): summed squared differences, and the number of entries."""
        raise TypeError(f"l2 compares numbers, not {type(signature).__name__}")

    @partial.register
    def _(self, signature: ScaledColumns) -> Float64:
        return _terms(_differences(signature.values * np.sqrt(signature.second), "sqeuclidean"), signature.matrix.size)

    @partial.register
    def _(self, signature: ShiftedColumns) -> Float64:
        weighted = signature.values * np.sqrt(signature.entries)
        return _terms(_differences(weighted, "sqeuclidean"), signature.entries.sum())

    @partial.register
    def _(self, signature: LevelCounts) -> Float64:
        return _terms(nested.squared(signature.counts), signature.matrix.size)

    @partial.register
    def _(self, signature: Levels) -> Float64:
        return _terms(squared_differences(products_of_levels(signature.values)), signature.values.shape[1])

    @partial.register
    def _(self, signature: Dense) -> Float64:
        return _terms(_differences(signature.values, "sqeuclidean"), signature.values.shape[1])

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) root mean squared differences."""
        root: Float64 = np.sqrt(total[0] / total[1])
        return root


def _differences(values: NDArray[np.float32] | Float64, metric: str) -> Float64:
    """(n, n) sums over the entries of (n, entries) values, in float64; one part of the entries is copied at a time."""
    sums = np.zeros((len(values), len(values)))
    for start in range(0, values.shape[1], BLOCK):
        sums += squareform(pdist(values[:, start : start + BLOCK].astype(np.float64), metric))
    return sums


def _terms(differences: Numbers, entries: float) -> Float64:
    return np.stack([differences, np.full(differences.shape, entries)]).astype(np.float64)
