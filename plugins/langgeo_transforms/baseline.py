"""The baseline `transformed`."""

from __future__ import annotations

from typing import Any

from langgeo_core.api import BaselineContext, DistanceMatrix, UnavailableError, build_component
from langgeo_transforms.options import TransformedOptions


class Transformed:
    """Another baseline after transforms, so that what a run owes to its transforms is not credited to the model."""

    def __init__(self, options: TransformedOptions) -> None:
        self._inner: Any = build_component("baselines", options.baseline)
        self._transforms: list[Any] = [build_component("transforms", written) for written in options.transforms]

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """The baseline's distances after each transform; raises what these raise.

        Raises
        ------
        UnavailableError
            If the baseline lacks a pair: over fewer languages than the run has, the transforms would be others.
        """
        languages = context.languages
        found: DistanceMatrix = self._inner.distances(context).subset(language.id for language in languages)
        if lacking := found.lacking_pairs():
            raise UnavailableError(f"what it transforms cannot place {', '.join(lacking)}")
        for transform in self._transforms:
            found = transform.transform(found, languages)
        return found
