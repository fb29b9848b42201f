"""Every weight's rank among its language's scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from langgeo_core.api import Dense, Scores, Signature, UserError, WeightMatrix
from langgeo_quantizers.options import RankOptions

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
GIB = 2**30


class Rank:
    """R_ij = the mid-rank of S_ij among the N scores of the matrix or row, from 1, over N: in (0, 1].

    Scores that tie share the mean of their ranks, so the correlation of ranks is Spearman's. A float32 holds them.
    """

    def __init__(self, options: RankOptions) -> None:
        self.scope = options.scope
        self.memory = options.memory

    def forms(self) -> tuple[type[Signature], ...]:
        """Everything written out: ranks do not separate into weight and feature."""
        return (Dense,)

    def fit(self, group: Sequence[Scores]) -> list[Float32] | None:
        """Each language's sorted scores, (1, size), of the matrix; a row needs nothing but itself.

        Raises
        ------
        UserError
            If they take more memory than the option `memory` allows.
        """
        if self.scope == "row":
            return None
        (scores,) = group
        self._check(scores.matrix, scores.languages)
        return [np.sort(scores.dense(language), axis=None)[None] for language in range(scores.languages)]

    def encode(self, scores: Scores, fitted: list[Float32] | None, form: type[Signature]) -> Signature:
        """(languages, entries) ranks."""
        ranks = np.empty((scores.languages, scores.matrix.size), dtype=np.float32)
        groups = scores.matrix.rows if fitted is None else 1
        for language, into in enumerate(ranks):
            values = scores.dense(language).reshape(groups, -1)
            order = np.argsort(values, axis=1)
            among = np.take_along_axis(values, order, axis=1) if fitted is None else fitted[language]
            mid_ranks(values, order, among, into.reshape(groups, -1))
        return Dense(scores.matrix, ranks)

    def _check(self, matrix: WeightMatrix, languages: int) -> None:
        needed = matrix.size * languages * 4 / GIB
        if needed > self.memory:
            raise UserError(
                f"quantizer rank: the sorted scores of {languages} languages for {matrix.name} take {needed:.2f} GiB, "
                f"more than quantizer.memory={self.memory:g}",
                "choose quantizer.scope=row, which needs little memory, or quantizer=n-bit with quantizer.bits=8, "
                "which is nearly the same, or allow more with quantizer.memory",
            )


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def mid_ranks(values: Float32, order: Int64, among: Float32, into: Float32) -> None:
    """Fill `into` (groups, entries) with the mid-ranks of the values over how many are ranked.

    Values are taken in their `order` (groups, entries), so that one walk along `among` (groups, n), ascending, finds
    them all; it must hold every value of its group.
    """
    size = among.shape[1]
    for group in prange(len(values)):
        smaller = upto = 0
        for place in order[group]:
            value = values[group, place]
            if smaller == upto or among[group, smaller] != value:
                smaller = upto
                while among[group, smaller] < value:
                    smaller += 1
                upto = smaller + 1
                while upto < size and among[group, upto] == value:
                    upto += 1
            into[group, place] = (smaller + upto + 1) / (2 * size)
