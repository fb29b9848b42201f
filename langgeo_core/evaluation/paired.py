"""Paired differences of figures over the same languages: standard error, interval, test, correction.

Pure functions of numbers. The standard error is a delete-half jackknife (Shao & Wu 1989) over halves of the languages
that share none, as in half-sample replication (McCarthy 1969): both figures are read on the same halves, drawn
without replacement, since copies of a language would sit at distance 0. The two halves of a pair are independent
draws of languages, so what a figure shifts by when half the languages are gone, as the agreement of neighbours does,
cancels in their difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

NORMAL_95 = 1.959963984540054
FEWEST = 4
"""Fewer languages than this have no half to speak of."""
TINY = 1e-12
"""Differences and errors below this are rounding."""


@dataclass(frozen=True)
class Difference:
    """A figure's difference from the baseline, its 95 % interval and the two-sided p of no difference.

    None where it cannot be had: too few languages, too few halves with a value, or no spread to test against.
    """

    delta: float
    low: float | None = None
    high: float | None = None
    p: float | None = None


def draw_halves(n: int, count: int, rng: np.random.Generator) -> Int64:
    """(count, n // 2): positions of random halves of n languages; every second one shares none with the one before."""
    orders = rng.permuted(np.tile(np.arange(n, dtype=np.int64), (-(-count // 2), 1)), axis=1)
    halves = orders[:, : 2 * (n // 2)].reshape(2 * len(orders), n // 2)
    return np.sort(halves[:count], axis=1)


def half_error(on_halves: Float64, n: int) -> float | None:
    """Of a figure over n languages, from its values on the halves of `draw_halves`: two and two share no language.

    se² = m/2n · mean((θ_one − θ_other)²), m = n // 2. Pairs without a value (NaN) are left out; None where they are the
    majority, or where n < 4.
    """
    pairs = on_halves[: 2 * (len(on_halves) // 2)].reshape(-1, 2)
    apart = pairs[:, 0] - pairs[:, 1]
    known = apart[np.isfinite(apart)]
    if n < FEWEST or not len(known) or 2 * len(known) <= len(apart):
        return None
    return float(np.sqrt((n // 2) / (2 * n) * np.mean(known**2)))


def half_interval(
    value: float, on_halves: Float64, n: int, bounds: tuple[float, float] = (-math.inf, math.inf)
) -> tuple[float, float] | None:
    """95 % over languages: value ± 1.96 of `half_error`, cut to the bounds of the figure; None without one."""
    error = half_error(on_halves, n)
    if error is None:
        return None
    return max(value - NORMAL_95 * error, bounds[0]), min(value + NORMAL_95 * error, bounds[1])


def paired_difference(delta: float, on_halves: Float64, n: int) -> Difference:
    """The difference with a normal interval and test.

    Parameters
    ----------
    delta : over all n languages
    on_halves : (halves,) the difference on each, NaN where a figure is undefined there
    """
    error = half_error(on_halves, n)
    if error is None or (error <= TINY < abs(delta)):
        return Difference(delta)
    reach = NORMAL_95 * error
    return Difference(delta, delta - reach, delta + reach, _two_sided(delta, error))


def _two_sided(delta: float, error: float) -> float:
    return math.erfc(abs(delta) / error / math.sqrt(2)) if abs(delta) > TINY else 1.0


def p_text(p: float) -> str:
    """Three digits, or `< 0.001`: no p is zero."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values (Holm 1979) in the order given: the i-th smallest of m times m − i + 1, never falling."""
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = largest
    return adjusted
