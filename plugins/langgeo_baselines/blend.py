"""The baseline `blend`: the weighted mean of other baselines."""

from __future__ import annotations

from typing import Any

import numpy as np

from langgeo_baselines.options import BlendOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, UnavailableError, build_component


class Blend:
    """Whether two kinds of evidence are better together: a model's distances with those of letters, for example."""

    def __init__(self, options: BlendOptions) -> None:
        self._weights = options.shares
        self._parts: list[Any] = [build_component("baselines", written) for written in options.baselines]

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """The weighted mean of the parts, each divided by its mean over the pairs that all have.

        A pair that a part lacks is NaN.

        Raises
        ------
        UnavailableError
            If the parts share no pair, or the distances of one are all zero.
        """
        ids = tuple(language.id for language in context.languages)
        values = np.array([part.distances(context).subset(ids).moderate().values for part in self._parts])
        shared = np.isfinite(values).all(axis=0) & ~np.eye(len(ids), dtype=bool)
        if not shared.any():
            raise UnavailableError("no pair of languages has a distance in all that it blends")
        means = values[:, shared].mean(axis=1)
        if not means.all():
            raise UnavailableError("the distances of one that it blends are all zero")
        return DistanceMatrix(ids, np.tensordot(self._weights / means, values, 1))
