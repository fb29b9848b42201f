"""Quantizers to bits: above the median, above a quantile, and the sign of a difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import KeptCounts, PackedBits, Scores, SeparableScores, Signature
from langgeo_quantizers.columns import count_above
from langgeo_quantizers.options import DifferenceOptions, MedianOptions, QuantileOptions, Scope
from langgeo_quantizers.thresholds import medians, order_statistics, row_medians, row_order_statistics, upper_rank


class Thresholded:
    """B_ij = [S_ij > threshold], one threshold for each language and scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def forms(self) -> tuple[type[Signature], ...]:
        """Counts, unless every row has a threshold of its own; bits always."""
        return (PackedBits,) if self.scope == "row" else (KeptCounts, PackedBits)

    def encode(self, scores: Scores, fitted: NDArray[np.float32], form: type[Signature]) -> Signature:
        """What every language keeps, for (languages,) or (languages, rows) thresholds."""
        if form is KeptCounts and isinstance(scores, SeparableScores):
            return KeptCounts(scores.matrix, count_above(scores, fitted))
        bits = [np.packbits(scores.dense(index) > limits[..., None]) for index, limits in enumerate(fitted)]
        return PackedBits(scores.matrix, np.stack(bits))


class Median(Thresholded):
    """B_ij = [S_ij > median] (Shamrai & Hamolia 2025)."""

    def __init__(self, options: MedianOptions) -> None:
        super().__init__(options.scope)

    def fit(self, group: Sequence[Scores]) -> NDArray[np.float32]:
        """(languages,) the medians; (languages, rows) under the scope `row`."""
        return row_medians(group[0]) if self.scope == "row" else medians(group)


class Quantile(Thresholded):
    """B_ij = [S_ij > q], with q the smallest score that at most `keep` of the scores exceed."""

    def __init__(self, options: QuantileOptions) -> None:
        super().__init__(options.scope)
        self.keep = options.keep

    def fit(self, group: Sequence[Scores]) -> NDArray[np.float32]:
        """(languages,) the thresholds; (languages, rows) under the scope `row`."""
        if self.scope == "row":
            (thresholds,) = row_order_statistics(group[0], [self._rank(group[0].matrix.columns)])
            return np.asarray(thresholds)
        return order_statistics(group, self._rank(sum(scores.matrix.size for scores in group)))

    def _rank(self, size: int) -> int:
        return upper_rank(size, int(self.keep * size))


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
