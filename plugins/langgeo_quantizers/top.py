"""One bit a weight: whether it is among the language's top share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Scores
from langgeo_quantizers.median import Thresholded
from langgeo_quantizers.options import QuantileOptions
from langgeo_quantizers.thresholds import order_statistics, row_order_statistics, upper_rank


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
