"""All metrics of some levels of classes, whoever made the classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from langgeo_core.api import Clustering, Evaluation, Metric
from langgeo_glottolog.cluster_metrics import cluster_metrics
from langgeo_glottolog.distance_metrics import distance_metrics
from langgeo_glottolog.options import ResamplingOptions
from langgeo_glottolog.sample import Question, draw, labelled


def metrics_of_levels(
    evaluator: str, levels: Iterable[str], evaluation: Evaluation, options: ResamplingOptions
) -> list[Metric]:
    """The metrics of each level; one with fewer than two labelled languages has none.

    Clusterings without a level count at every level. Reads `evaluation.labels`, so that the classes are those that
    the number of clusters was chosen by.
    """
    questions = [Question(evaluator, level, options, evaluation.seed) for level in levels]
    return [metric for question in questions for metric in _answers(question, evaluation)]


def _answers(question: Question, evaluation: Evaluation) -> list[Metric]:
    ids = [language.id for language in evaluation.languages]
    labels = labelled(ids, evaluation.labels[question.level])
    if len(labels) < 2:
        return []
    sample = draw(question, labels)
    metrics = distance_metrics(sample, evaluation.distances)
    for clusterings in _by_clusterer(evaluation.clusterings, question.level).values():
        metrics += cluster_metrics(sample, clusterings)
    return metrics


def _by_clusterer(clusterings: Sequence[Clustering], level: str) -> dict[str, list[Clustering]]:
    """All seeds of each clusterer that were made for the level or for any."""
    groups: dict[str, list[Clustering]] = {}
    for clustering in clusterings:
        if clustering.level in (level, ""):
            groups.setdefault(clustering.clusterer, []).append(clustering)
    return groups
