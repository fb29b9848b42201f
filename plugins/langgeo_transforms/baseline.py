"""The baseline `transformed`."""

from __future__ import annotations

from typing import Any

import numpy as np

from langgeo_core.api import (
    BaselineContext,
    DistanceMatrix,
    Replicates,
    UnavailableError,
    UserError,
    build_component,
    euclidean,
    protocols,
)
from langgeo_transforms.options import TransformedOptions


class Transformed:
    """Another baseline after transforms, so that what a run owes to its transforms is not credited to the model."""

    def __init__(self, options: TransformedOptions) -> None:
        self._inner: Any = build_component("baselines", options.baseline)
        self._name = options.baseline if isinstance(options.baseline, str) else options.baseline["name"]
        self._transforms: list[Any] = [build_component("transforms", written) for written in options.transforms]
        if any(isinstance(transform, protocols.ReplicateTransform) for transform in self._transforms[1:]):
            raise UserError("a transform that reads replicates reads them as they are measured", "put it first")

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """The baseline's distances after each transform; raises what these raise.

        Raises
        ------
        UnavailableError
            If the baseline lacks a pair: over fewer languages than the run has, the transforms would be others. If a
            transform reads replicates, and there are none, or the baseline reads no text.
        """
        first, *rest = self._transforms
        if isinstance(first, protocols.ReplicateTransform):
            found = self._of_replicates(context, first)
        else:
            found, rest = self._measured(context), self._transforms
        for transform in rest:
            found = transform.transform(found, context.languages)
        return found

    def _of_replicates(self, context: BaselineContext, transform: Any) -> DistanceMatrix:
        if transform.parallel and not context.parallel:
            raise UnavailableError(
                "it is to align lines, and the replicates of this run are no lines of parallel texts"
            )
        replicates = context.of_replicates()
        try:
            measured = self._measured(replicates)
        except UserError as failure:
            raise UnavailableError(f"{self._name} knows no replicates of texts: {failure.message}") from failure
        apart = Replicates.of(measured)
        if not np.diagonal(apart.between(range(apart.count))).any():
            raise UnavailableError(f"it reads replicates of texts, and those of a language are alike in {self._name}")
        found: DistanceMatrix = transform.of_replicates({self._name: euclidean(measured, self._inner)})[0]
        return found.subset(language.id for language in context.languages)

    def _measured(self, context: BaselineContext) -> DistanceMatrix:
        found: DistanceMatrix = self._inner.distances(context).subset(language.id for language in context.languages)
        if lacking := found.lacking_pairs():
            raise UnavailableError(f"what it transforms cannot place {', '.join(lacking)}")
        return found
