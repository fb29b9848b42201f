"""What chance alone gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

TIE = 1e-12
"""Values closer than this are equal: rounding must not decide whether chance reached the figure."""


@dataclass(frozen=True)
class Null:
    """The mean and spread of a figure under shuffled labels, and the chance of one as large."""

    mean: float
    sd: float
    p: float


def shuffles(n: int, count: int, rng: np.random.Generator) -> Int64:
    """(count, n): random orders of n languages."""
    return rng.permuted(np.tile(np.arange(n, dtype=np.int64), (count, 1)), axis=1)


def compare_with_null(value: float, shuffled: Float64) -> Null:
    """One-sided permutation test, large values against chance: p = (1 + #{shuffled ≥ value}) / (1 + count)."""
    reached = int((shuffled >= value - TIE).sum())
    return Null(float(shuffled.mean()), float(shuffled.std()), (1 + reached) / (1 + len(shuffled)))
