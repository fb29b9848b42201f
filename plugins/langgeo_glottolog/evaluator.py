"""The evaluator: labels from Glottolog."""

from __future__ import annotations

from collections.abc import Sequence

from langgeo_core.api import Evaluation, Language, Metric
from langgeo_glottolog.classes import class_of
from langgeo_glottolog.level_metrics import Float64, Key, metrics_of_levels, values_of_levels
from langgeo_glottolog.options import GlottologOptions


class Glottolog:
    """Compares distances and clusters with Glottolog's classification (Hammarström et al., CC BY 4.0)."""

    def __init__(self, options: GlottologOptions) -> None:
        self._options = options

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """The class of every language at every configured level; None where the policies leave it out."""
        return {
            level: tuple(class_of(language, level, self._options) for language in languages)
            for level in self._options.levels
        }

    def evaluate(self, evaluation: Evaluation) -> list[Metric]:
        """Metrics of every configured level; a level with fewer than two labelled languages has none.

        Clusterings without a level count at every level. Reads `evaluation.labels`, so that the classes are
        those that the number of clusters was chosen by.
        """
        return metrics_of_levels("glottolog", self._options.levels, evaluation, self._options)

    def values_on(self, evaluation: Evaluation, parts: Sequence[Sequence[str]]) -> dict[Key, Float64]:
        """(parts,) the value of every metric on each list of languages, without null or interval."""
        return values_of_levels("glottolog", self._options.levels, evaluation, parts)
