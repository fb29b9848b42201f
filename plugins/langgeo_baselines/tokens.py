"""Baselines from what the tokenizers of the run's models make of the texts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from langgeo_baselines.counts import count_table, jaccard, measured, weighted_jaccard
from langgeo_baselines.options import DistributionOptions, OverlapOptions, TokenOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, UnavailableError

Float64 = NDArray[np.float64]


class TokenOverlap:
    """How few tokens two languages share: 1 − |A ∩ B| / |A ∪ B| of the sets of tokens that occur (Jaccard)."""

    squared = True

    def __init__(self, options: OverlapOptions) -> None:
        self._options = options

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """The mean over the run's models; missing for a language without text.

        Raises
        ------
        UnavailableError
            In a run without models or texts.
        """
        return _distances(context, self._options, weighted_jaccard if self._options.weighted else jaccard)


class TokenDistribution:
    """How different the shares of the tokens are: what counting the input tokens shows."""

    def __init__(self, options: DistributionOptions) -> None:
        self._options, self.squared = options, options.squared

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """The mean over the run's models; missing for a language without text.

        Raises
        ------
        UnavailableError
            In a run without models or texts.
        """
        return _distances(context, self._options, lambda counts: measured(counts, self._options))


def _distances(
    context: BaselineContext, options: TokenOptions, measure: Callable[[sparse.csc_array], Float64]
) -> DistanceMatrix:
    if not context.tokens:
        raise UnavailableError("it reads the tokens of a model, and this run has no model")
    ids = tuple(language.id for language in context.languages)
    whole = options.tokens == "all"
    tables = (count_table([read(language, whole) for language in ids]) for read in context.tokens.values())
    return DistanceMatrix(ids, np.mean([measure(table) for table in tables], axis=0))
