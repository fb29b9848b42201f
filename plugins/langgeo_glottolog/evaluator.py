"""The evaluator `glottolog`: agreement with Glottolog's classification."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Evaluation, Language, Metric
from langgeo_glottolog.classification import class_of
from langgeo_glottolog.options import GlottologOptions
from langgeo_inference.api import Question
from langgeo_labels.api import metrics_of_levels, note_what_scripts_leave_out, values_of_levels


class Glottolog:
    """Compares distances and clusters with Glottolog's classification (Hammarström et al., CC BY 4.0)."""

    def __init__(self, options: GlottologOptions) -> None:
        self._options = options

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """The class of every language at every configured level; None where the options leave it out."""
        labels = {
            level: tuple(class_of(language, level, self._options) for language in languages)
            for level in self._options.levels
        }
        return note_what_scripts_leave_out(languages, labels)

    def evaluate(self, evaluation: Evaluation) -> list[Metric]:
        """Metrics of every configured level; none of a level with fewer than two labelled languages."""
        return metrics_of_levels("glottolog", self._options.levels, evaluation, self._options)

    def values_on(
        self, evaluation: Evaluation, subsets: Sequence[Sequence[str]]
    ) -> dict[Question, NDArray[np.float64]]:
        """(subsets,) the value of every metric on each subset of the languages, without null or interval."""
        return values_of_levels("glottolog", self._options.levels, evaluation, subsets)
