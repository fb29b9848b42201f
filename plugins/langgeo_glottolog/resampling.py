"""What chance alone gives, and how far a figure moves with the languages it is taken over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

TIE = 1e-12
"""Values closer than this are equal: rounding must not decide whether chance reached the figure."""

NORMAL_95 = 1.959963984540054

FEWEST = 4
"""Fewer languages than this have no half to speak of."""


@dataclass(frozen=True)
class Null:
    """The mean and spread of a figure under shuffled labels, and the chance of one as large."""

    mean: float
    sd: float
    p: float


def shuffles(n: int, count: int, rng: np.random.Generator) -> Int64:
    """(count, n): random orders of n languages."""
    return rng.permuted(np.tile(np.arange(n, dtype=np.int64), (count, 1)), axis=1)


def halves(n: int, count: int, rng: np.random.Generator) -> Int64:
    """(count, n // 2): random halves of n languages, without replacement."""
    return np.sort(shuffles(n, count, rng)[:, : n // 2], axis=1)


def compare_with_null(value: float, shuffled: Float64) -> Null:
    """One-sided permutation test, large values against chance: p = (1 + #{shuffled ≥ value}) / (1 + count)."""
    reached = int((shuffled >= value - TIE).sum())
    return Null(float(shuffled.mean()), float(shuffled.std()), (1 + reached) / (1 + len(shuffled)))


def half_error(value: float, on_halves: Float64, n: int) -> float | None:
    """Standard error over n languages of a figure, from its values on random halves.

    With m = n // 2 languages drawn without replacement, se² = m/(n − m) · mean((θ_half − θ)²): the random delete-d
    jackknife (Shao & Wu 1989; Politis & Romano 1994). Drawing with replacement would put copies of a language at
    distance 0 and raise every figure. Halves without a value (NaN) are skipped; None where they are the majority,
    or where n < 4.
    """
    known = on_halves[np.isfinite(on_halves)]
    if n < FEWEST or 2 * len(known) <= len(on_halves):
        return None
    kept = n // 2
    return float(np.sqrt(kept / (n - kept) * np.mean((known - value) ** 2)))


def half_interval(
    value: float, on_halves: Float64, n: int, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[float, float] | None:
    """95 % interval over n languages: θ ± 1.96 of `half_error`, cut to the bounds of the figure; None without one."""
    error = half_error(value, on_halves, n)
    if error is None:
        return None
    reach = NORMAL_95 * error
    return max(value - reach, bounds[0]), min(value + reach, bounds[1])
