"""The normalised Hamming distance."""

from __future__ import annotations

from functools import singledispatchmethod

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import KeptCounts, LevelCounts, Levels, PackedBits, Signature
from langgeo_distances import nested
from langgeo_distances.pairs import city_block, differing_bits, differing_levels

Float64 = NDArray[np.float64]


class Hamming:
    """The share of weights with different bits or levels.

    Kept sets that are upper tails of the same order differ in exactly |c_j(a) - c_j(b)| weights of column j, so on
    counts the Hamming distance is exactly the city-block distance.
    """

    terms = ("differing",)
    squared = True

    def forms(self) -> tuple[type[Signature], ...]:
        """Counts or bits, of kept weights or of levels."""
        return (KeptCounts, LevelCounts, PackedBits, Levels)

    @singledispatchmethod
    def partial(self, signature: Signature) -> Float64:
        """(1, languages, languages) numbers of differing weights of one weight matrix."""
        raise TypeError(f"hamming compares bits or levels, not {type(signature).__name__}")

    @partial.register
    def _(self, signature: KeptCounts) -> Float64:
        differing: Float64 = city_block(signature.counts)[None].astype(np.float64)
        return differing

    @partial.register
    def _(self, signature: PackedBits) -> Float64:
        differing: Float64 = differing_bits(signature.bits)[None].astype(np.float64)
        return differing

    @partial.register
    def _(self, signature: LevelCounts) -> Float64:
        return nested.differing(signature.counts)[None].astype(np.float64)

    @partial.register
    def _(self, signature: Levels) -> Float64:
        return differing_levels(signature.values)[None].astype(np.float64)

    def finish(self, total: Float64, size: int) -> Float64:
        """(languages, languages) shares in [0, 1]."""
        shares: Float64 = total[0] / size
        return shares
