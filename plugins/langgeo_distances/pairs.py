"""Exact integer comparisons of all pairs of rows.

Loops over several threads make no array: numba would compile another such loop for each, which takes a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
UInt8 = NDArray[np.uint8]

BLOCK = 1 << 14
"""Number of entries of each row compared at a time, so that they fit into the processor's caches."""


@njit(cache=True, inline="always")
def partners(first, n):  # type: ignore[no-untyped-def]
    """The number of following rows (cyclically) that row `first` of n is compared with: each pair occurs once."""
    return (n - 1) // 2 + np.int64(n % 2 == 0 and first < n // 2)


def of_pairs(add: Callable[..., None], rows: NDArray[Any], *options: Any) -> Int64:
    """(n, n) sums over the rows of an (n, …) array, of which `add` fills in one of the two places of each pair."""
    sums = np.zeros((len(rows), len(rows)), dtype=np.int64)
    add(rows, *options, sums)
    return sums + sums.T


def city_block(counts: Int32) -> Int64:
    """(n, n) Σ_j |counts[a, j] - counts[b, j]| of the rows of an (n, columns) int32 array."""
    return of_pairs(_city_block, counts)


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _city_block(counts: Int32, sums: Int64) -> None:
    n, columns = counts.shape
    for first in prange(n):
        for step in range(partners(first, n)):
            second = (np.int64(first) + step + 1) % n
            total = np.int64(0)
            for column in range(columns):
                total += abs(counts[first, column] - counts[second, column])
            sums[first, second] = total


def city_block_of_levels(levels: UInt8) -> Int64:
    """(n, n) Σ |levels[a] - levels[b]| of the rows of an (n, entries) array."""
    return of_pairs(_city_block_of_levels, levels)


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _city_block_of_levels(levels: UInt8, sums: Int64) -> None:
    n, entries = levels.shape
    for first in prange(n):
        for start in range(0, entries, BLOCK):
            stop = min(start + BLOCK, entries)
            for step in range(partners(first, n)):
                second = (np.int64(first) + step + 1) % n
                sums[first, second] += _gaps(levels[first, start:stop], levels[second, start:stop])


@njit(cache=True)  # type: ignore[untyped-decorator]
def _gaps(one: UInt8, other: UInt8) -> int:
    """Σ |one - other| of one part, in 32 bits."""
    total = np.int32(0)
    for entry in range(one.shape[0]):
        total += np.int32(abs(np.int32(one[entry]) - np.int32(other[entry])))
    return int(total)


def differing_bits(bits: UInt8, size: int = BLOCK) -> Int64:
    """(n, n) numbers of differing bits of the rows of an (n, bytes) array, counted `size` bytes at a time."""
    n = len(bits)
    sums = np.zeros((n, n), dtype=np.int64)
    for start in range(0, bits.shape[1], size):
        block = bits[:, start : start + size]
        for first in range(1, n):
            differing = np.bitwise_count(block[:first] ^ block[first])
            sums[first, :first] += differing.sum(axis=1, dtype=np.int64)
    return sums + sums.T


def differing_levels(levels: UInt8) -> Int64:
    """(n, n) numbers of differing entries of the rows of an (n, entries) array."""
    n = len(levels)
    sums = np.zeros((n, n), dtype=np.int64)
    for start in range(0, levels.shape[1], BLOCK):
        block = levels[:, start : start + BLOCK]
        for first in range(1, n):
            for second in range(first):
                sums[first, second] += np.count_nonzero(block[first] != block[second])
    return sums + sums.T


def products_of_levels(levels: UInt8) -> Int64:
    """(n, n) Σ levels[a] · levels[b] of the rows of an (n, entries) array."""
    sums = np.zeros((len(levels), len(levels)), dtype=np.int64)
    for start in range(0, levels.shape[1], BLOCK):
        block = levels[:, start : start + BLOCK].astype(np.float64)  # exact: sums are below 2⁵³
        sums += (block @ block.T).astype(np.int64)
    return sums


def squared_differences(products: Int64) -> Int64:
    """(n, n) Σ (a - b)² of rows with the given (n, n) products."""
    norms = np.diagonal(products)
    return np.add.outer(norms, norms) - 2 * products
