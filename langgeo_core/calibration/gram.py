"""The mathematics of calibration: Gram matrices and the diagonals that scorers need.

With X the tokens x n inputs of a linear layer, G = XᵀX / tokens, H = G + λI and λ = damping · mean diag(G) over
the features that are not dead (Frantar & Alistarh 2023, SparseGPT; Shamrai & Hamolia 2025). Symmetric matrices
are kept as their lower triangle in Fortran order, which is what LAPACK works on in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.calibration.lapack import invert_upper, potrf, syrk
from langgeo_core.contract.errors import NumericalError
from langgeo_core.contract.types import InputStatistics

Real = NDArray[Any]
Pair = tuple[Real, Real]
"""(diag(H⁻¹), U_jj²) of one H."""

DAMPING_STEP = 10.0
DAMPING_TRIES = 3


def empty_gram(features: int, dtype: Any) -> Real:
    """A zero (n, n) matrix for `add_rows`, in Fortran order; dtype float32 or float64."""
    return np.zeros((features, features), dtype=dtype, order="F")


def add_rows(gram: Real, rows: Real) -> None:
    """Add XᵀX of `rows` (tokens, n) to the lower triangle of `gram`, in place.

    The sum is raw: scaling X first would round it.
    """
    syrk(np.ascontiguousarray(rows, dtype=gram.dtype), gram)


@dataclass(frozen=True)
class Damped:
    """The statistics of one input, and each share of the mean diagonal to which its damping was raised."""

    statistics: InputStatistics
    raised: tuple[float, ...]


def input_statistics(gram: Real, tokens: int, damping: float) -> Damped:
    """The diagonals of one input's G and H from the summed XᵀX.

    Parameters
    ----------
    gram : (n, n), lower triangle of the raw sum XᵀX
    tokens : number of rows summed
    damping : λ as a share of the mean diagonal

    Raises
    ------
    NumericalError
        If a diagonal is not finite, if every feature is dead, or if H stays indefinite after `DAMPING_TRIES`
        raises of the damping by `DAMPING_STEP`.
    """
    diagonal = np.diagonal(gram).astype(np.float64) / tokens
    return damped(diagonal, tokens, damping, lambda filled: _diagonals(_reversed(gram, 1.0 / tokens), filled))


def damped(
    diagonal: NDArray[np.float64], tokens: int, damping: float, factor: Callable[[NDArray[np.float64]], Pair | None]
) -> Damped:
    """The statistics of one input at the first damping at which H can be factored.

    Parameters
    ----------
    diagonal : (n,), diag(G)
    factor : `factor(diagonal of H)` gives (diag(H⁻¹), U_jj²), or None where H is not positive definite

    Raises
    ------
    NumericalError
        As `input_statistics`.
    """
    mean = _live_mean(diagonal)
    raised: list[float] = []
    for step in range(DAMPING_TRIES + 1):
        share = damping * DAMPING_STEP**step
        both = factor(diagonal + share * mean)
        if both is not None:
            statistics = InputStatistics(diagonal, both[0], both[1], share * mean, tokens)
            _check_bounds(statistics)
            return Damped(statistics, tuple(raised))
        raised.append(damping * DAMPING_STEP ** (step + 1))
    raise NumericalError(
        f"a Gram matrix of {len(diagonal)} features over {tokens} tokens stays indefinite at damping {share:g}",
        "use calibration.dtype=float64, more tokens, or a larger calibration.damping",
    )


def _live_mean(diagonal: NDArray[np.float64]) -> float:
    if not np.isfinite(diagonal).all():
        raise NumericalError(
            "a layer's inputs are not finite",
            "the model overflows in this precision; try calibration.dtype=float32 or float64",
        )
    live = diagonal[diagonal > 0]
    if not len(live):
        raise NumericalError("a layer's inputs are all zero", "check the model's weights and the text")
    return float(live.mean())


def _diagonals(backwards: Real, diagonal: NDArray[np.float64]) -> Pair | None:
    """(diag(H⁻¹), U_jj²) of H in reverse order, whose diagonal is put in; None where the factorisation fails.

    Destroys `backwards`. Both come from one factor RᵀR of H in reverse order: `1 / U_jj²` is its squared pivot n-1-j,
    and the diagonal of the inverse in reverse order is the inverse's diagonal backwards.
    """
    np.fill_diagonal(backwards, diagonal[::-1])
    if not potrf(backwards, b"U") or not np.isfinite(np.diagonal(backwards)).all():
        return None
    cholesky_diagonal = 1.0 / np.square(np.diagonal(backwards)[::-1].astype(np.float64))
    return _inverse_diagonal(backwards)[::-1].copy(), cholesky_diagonal


def _inverse_diagonal(factor: Real) -> NDArray[np.float64]:
    """diag((RᵀR)⁻¹) of an upper triangular R in Fortran order: the squared row norms of R⁻¹. Destroys `factor`."""
    if not invert_upper(factor):
        raise NumericalError("a triangular factor of a Gram matrix is singular")
    return _upper_row_norms(factor)


def _upper_row_norms(upper: Real) -> NDArray[np.float64]:
    """Σ_j R_ij² over j ≥ i, summed in float64 a block of columns at a time; below the diagonal nothing is read."""
    norms = np.zeros(len(upper))
    for start in range(0, upper.shape[1], 64):
        stop = start + 64
        norms[:start] += _row_norms(upper[:start, start:stop])
        norms[start:stop] += _row_norms(np.triu(upper[start:stop, start:stop]))
    return norms


def _row_norms(block: Real) -> NDArray[np.float64]:
    norms: NDArray[np.float64] = np.einsum("ij,ij->i", block, block, dtype=np.float64)
    return norms


def _reversed(gram: Real, factor: float) -> Real:
    """A multiple with rows and columns in reverse order, its upper triangle filled."""
    backwards = gram.ravel(order="K")[::-1] * gram.dtype.type(factor)
    reversed_: Real = backwards.reshape(gram.shape, order="F")
    return reversed_


def _check_bounds(statistics: InputStatistics) -> None:
    """λ ≤ 1/[H⁻¹]_jj ≤ H_jj holds for every positive definite H = G + λI, up to rounding."""
    scores = 1.0 / statistics.inverse_diagonal
    upper = statistics.gram_diagonal + statistics.damping
    slack = 1e-3
    if (scores < statistics.damping * (1 - slack)).any() or (scores > upper * (1 + slack)).any():
        raise NumericalError(
            "diag(H⁻¹) leaves its bounds λ ≤ 1/[H⁻¹]_jj ≤ H_jj",
            "rounding has spoilt the inverse; use calibration.dtype=float64",
        )
