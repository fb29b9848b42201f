"""The baseline `blend`: the weighted mean of other baselines."""

from __future__ import annotations

from typing import Any

import numpy as np

from langgeo_baselines.options import BlendOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, build_component


class Blend:
    """Whether two kinds of evidence are better together: a model's distances with those of letters, for example."""

    def __init__(self, options: BlendOptions) -> None:
        self._weights = options.shares
        self._parts: list[Any] = [build_component("baselines", written) for written in options.baselines]

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """The weighted mean of the parts as they are, so that weights make up for unlike scales.

        A pair that a part lacks is NaN.
        """
        ids = tuple(language.id for language in context.languages)
        values = np.array([part.distances(context).subset(ids).values for part in self._parts])
        return DistanceMatrix(ids, np.tensordot(self._weights, values, 1))
