"""The Jensen-Shannon distance between scores, treated as distributions over the weights."""

from __future__ import annotations

from functools import singledispatchmethod

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from langgeo_core.api import Densities, NumericalError, ScaledColumns, Signature, WeightMatrix
from langgeo_distances.pairs import BLOCK, partners

Float64 = NDArray[np.float64]
Floats = NDArray[np.float32] | Float64

NEAR = 0.5
"""Up to this relative difference a series is used, which is precise and needs no logarithm."""
SERIES = tuple(1 / (2 * k * (2 * k - 1)) for k in range(13, 0, -1))
"""The coefficients of the series, last first; the relative error is below 1e-11."""
SMALLEST = 1e-300
"""Added to divisors that may be zero."""


class JensenShannon:
    """√ of the size-weighted mean of the weight matrices' Jensen-Shannon divergences, base 2: in [0, 1].

    A language's scores of one matrix divided by their sum are a distribution P over its weights. The divergence of P(a)
    and P(b) is the mean of their Kullback-Leibler divergences from M = (P(a) + P(b)) / 2; its root is a metric. Scores
    a_ij · v_j of two languages are proportional within a column, so their divergence is that of the column sums.
    """

    terms = ("divergence",)

    def forms(self) -> tuple[type[Signature], ...]:
        """Factors of columns, or a value for each weight."""
        return (ScaledColumns, Densities)

    @singledispatchmethod
    def partial(self, signature: Signature) -> Float64:
        """(1, languages, languages) divergences times the size of the matrix.

        Raises
        ------
        NumericalError
            If all scores of a language in the matrix are zero.
        """
        raise TypeError(f"jensen-shannon compares scores, not {type(signature).__name__}")

    @partial.register
    def _(self, signature: ScaledColumns) -> Float64:
        sums = signature.values * signature.first
        return _divergences(sums, sums.sum(axis=1) / signature.matrix.size, signature.matrix)

    @partial.register
    def _(self, signature: Densities) -> Float64:
        return _divergences(signature.values, signature.means, signature.matrix)

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) in [0, 1]."""
        distances: Float64 = np.sqrt(np.clip(total[0] / size, 0.0, 1.0))
        return distances


def _divergences(values: Floats, means: Float64, matrix: WeightMatrix) -> Float64:
    """(1, n, n) sums over the (n, entries) values, in bits."""
    if not (means > 0).all():
        raise NumericalError(
            f"{matrix.name}: all scores of a language are zero, so they have no distribution",
            "use another scorer, or another distance such as l2",
        )
    bits: Float64 = divergences(values, 1 / means)[None] / np.log(2)
    return bits


def divergences(values: Floats, factors: Float64) -> Float64:
    """(n, n) Σ_i KL(p_i, m_i) / 2 + KL(q_i, m_i) / 2 in nats, of the rows p, q of (n, entries) values times factors.

    With m = (p + q) / 2 and d = |p - q| / (p + q), an entry adds m · h(d), where
    h(d) = ((1 + d) ln(1 + d) + (1 - d) ln(1 - d)) / 2 = Σ_k d^2k / (2k (2k - 1)).
    """
    sums = np.zeros((len(values), len(values)))
    _add_divergences(values, factors, sums)
    return sums + sums.T


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _add_divergences(values: Floats, factors: Float64, sums: Float64) -> None:
    n, entries = values.shape
    for first in prange(n):
        for start in range(0, entries, BLOCK):
            part = slice(start, start + BLOCK)
            for step in range(partners(first, n)):
                second = (np.int64(first) + step + 1) % n
                pair = values[first, part], values[second, part], factors[first], factors[second]
                sums[first, second] += (_near(*pair) + _far(*pair)) / 2


# Without reordered sums and hardware division this loop is not vectorised, which makes it ten times slower.
@njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})  # type: ignore[untyped-decorator]
def _near(one: Floats, other: Floats, scale: float, others: float) -> float:
    """Σ (p + q) h(d) over the entries with d up to NEAR."""
    total = 0.0
    for entry in range(one.shape[0]):
        p, q = one[entry] * scale, other[entry] * others
        both, gap = p + q, abs(p - q)
        ratio = gap / (both + SMALLEST)
        square = ratio * ratio if gap <= NEAR * both else 0.0
        series = 0.0
        for coefficient in SERIES:
            series = (series + coefficient) * square
        total += both * series
    return total


@njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _far(one: Floats, other: Floats, scale: float, others: float) -> float:
    """Σ (p + q) h(d) over the other entries."""
    total = 0.0
    for entry in range(one.shape[0]):
        p, q = one[entry] * scale, other[entry] * others
        both, gap = p + q, abs(p - q)
        if gap > NEAR * both:
            ratio = gap / both
            if ratio < 1:
                total += both * ((1 + ratio) * np.log1p(ratio) + (1 - ratio) * np.log1p(-ratio)) / 2
            else:
                total += both * np.log(2.0)
    return total
