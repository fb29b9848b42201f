"""All pairs of rows compared, exactly, in whole numbers."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

BLOCK = 1 << 14


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def city_block(counts: NDArray[np.int32]) -> NDArray[np.int64]:
    """(n, n) Σ_j |counts[a, j] - counts[b, j]| of the rows of an (n, columns) int32 array."""
    n, columns = counts.shape
    sums = np.zeros((n, n), dtype=np.int64)
    for first in prange(n):
        for second in range(first):
            total = np.int64(0)
            for column in range(columns):
                total += abs(counts[first, column] - counts[second, column])
            sums[first, second] = total
    return sums + sums.T


def differing_bits(bits: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(n, n) numbers of differing bits of the rows of an (n, bytes) array, by XOR and popcount a block at a time."""
    n = len(bits)
    sums = np.zeros((n, n), dtype=np.int64)
    for start in range(0, bits.shape[1], BLOCK):
        block = bits[:, start : start + BLOCK]
        for first in range(1, n):
            differing = np.bitwise_count(block[:first] ^ block[first])
            sums[first, :first] += differing.sum(axis=1, dtype=np.int64)
    return sums + sums.T
