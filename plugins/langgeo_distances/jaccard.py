"""The Jaccard distance."""

from __future__ import annotations

from functools import singledispatchmethod

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import KeptCounts, PackedBits, Signature
from langgeo_distances.pairs import city_block, differing_bits

Float64 = NDArray[np.float64]


class Jaccard:
    """1 - |A ∩ B| / |A ∪ B| of the kept sets; 0 if both are empty.

    With c the sizes and d the symmetric difference, |A ∪ B| = (c_A + c_B + d) / 2, in whole numbers.
    """

    terms = ("differing", "sizes")
    squared = True

    def forms(self) -> tuple[type[Signature], ...]:
        """Counts and bits."""
        return (KeptCounts, PackedBits)

    @singledispatchmethod
    def partial(self, signature: Signature) -> Float64:
        """(2, languages, languages): differing bits, and the summed sizes of both sets, of one weight matrix."""
        raise TypeError(f"jaccard compares counts or bits, not {type(signature).__name__}")

    @partial.register
    def _(self, signature: KeptCounts) -> Float64:
        return _terms(city_block(signature.counts), signature.counts.sum(axis=1, dtype=np.int64))

    @partial.register
    def _(self, signature: PackedBits) -> Float64:
        return _terms(differing_bits(signature.bits), np.bitwise_count(signature.bits).sum(axis=1, dtype=np.int64))

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) in [0, 1]."""
        differing, sizes = total
        both: Float64 = np.divide(2 * differing, sizes + differing, out=np.zeros_like(differing), where=sizes > 0)
        return both


def _terms(differing: NDArray[np.int64], sizes: NDArray[np.int64]) -> Float64:
    return np.stack([differing, np.add.outer(sizes, sizes)]).astype(np.float64)
