"""The evaluator: labels from Glottolog, and metrics per level and clusterer."""

from __future__ import annotations

from collections.abc import Sequence

from langgeo_core.api import Clustering, Evaluation, Language, Metric
from langgeo_glottolog.classes import class_of
from langgeo_glottolog.cluster_metrics import cluster_metrics
from langgeo_glottolog.distance_metrics import distance_metrics
from langgeo_glottolog.options import GlottologOptions
from langgeo_glottolog.sample import draw, labelled


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
        return [metric for level in self._options.levels for metric in self._level(evaluation, level)]

    def _level(self, evaluation: Evaluation, level: str) -> list[Metric]:
        ids = [language.id for language in evaluation.languages]
        labels = labelled(ids, evaluation.labels[level])
        if len(labels) < 2:
            return []
        sample = draw(level, labels, evaluation.seed, self._options)
        metrics = distance_metrics(sample, evaluation.distances)
        for clusterings in _by_clusterer(evaluation.clusterings, level).values():
            metrics += cluster_metrics(sample, clusterings)
        return metrics


def _by_clusterer(clusterings: Sequence[Clustering], level: str) -> dict[str, list[Clustering]]:
    """All seeds of each clusterer that were made for the level or for any."""
    groups: dict[str, list[Clustering]] = {}
    for clustering in clusterings:
        if clustering.level in (level, ""):
            groups.setdefault(clustering.clusterer, []).append(clustering)
    return groups
