"""Quantizers that keep what exceeds a threshold, and the median among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import KeptCounts, PackedBits, Scores, SeparableScores, Signature
from langgeo_quantizers.columns import count_above
from langgeo_quantizers.options import MedianOptions, Scope
from langgeo_quantizers.thresholds import medians, row_medians


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
