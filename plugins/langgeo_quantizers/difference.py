"""One bit a weight: whether it matters more to a language than to the run's languages on average."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import PackedBits, Scores, Signature
from langgeo_quantizers.options import DifferenceOptions

Float32 = NDArray[np.float32]
Floats = NDArray[np.floating]


class SignOfDifference:
    """B_ij(L) = [S_ij(L) > the centre of S_ij over the languages of the run].

    There is no threshold that a scope would share: each weight has its own.
    """

    scope = "matrix"

    def __init__(self, options: DifferenceOptions) -> None:
        self.centre = _CENTRES[options.centre]

    def forms(self) -> tuple[type[Signature], ...]:
        """Bits: which languages exceed the centre differs from column to column in no shared order."""
        return (PackedBits,)

    def fit(self, group: Sequence[Scores]) -> None:
        """Nothing to learn of other weights."""

    def encode(self, scores: Scores, fitted: None, form: type[Signature]) -> Signature:
        """The weights that lie above the centre."""
        values = np.stack([scores.dense(language).ravel() for language in range(scores.languages)])
        values, centre = self.centre(values)
        return PackedBits(scores.matrix, np.stack([np.packbits(language > centre) for language in values]))


def _mean(values: Float32) -> tuple[Floats, Floats]:
    """In float64, where equal scores have exactly themselves as mean."""
    return values, values.mean(axis=0, dtype=np.float64)


def _geometric_mean(values: Float32) -> tuple[Floats, Floats]:
    """Of the logarithms; a weight with a zero score in some language has the geometric mean zero."""
    with np.errstate(divide="ignore"):
        logarithms = np.log(values)
    return logarithms, logarithms.mean(axis=0, dtype=np.float64)


def _median(values: Float32) -> tuple[Floats, Floats]:
    return values, np.median(values, axis=0)


_CENTRES: dict[str, Callable[[Float32], tuple[Floats, Floats]]] = {
    "mean": _mean,
    "geometric-mean": _geometric_mean,
    "median": _median,
}
