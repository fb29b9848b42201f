"""All metrics of some levels of classes, whoever made the classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Clustering, Evaluation, Metric
from langgeo_glottolog.cluster_metrics import cluster_measure
from langgeo_glottolog.distance_metrics import distance_measures
from langgeo_glottolog.figures import Measure, as_metrics
from langgeo_glottolog.options import ResamplingOptions
from langgeo_glottolog.sample import Question, Sample, draw, labelled, resample

Float64 = NDArray[np.float64]
Key = tuple[str, str, str, str]


def metrics_of_levels(
    evaluator: str, levels: Iterable[str], evaluation: Evaluation, options: ResamplingOptions
) -> list[Metric]:
    """The metrics of each level; one with fewer than two labelled languages has none.

    Clusterings without a level count at every level. Reads `evaluation.labels`, so that the classes are those that
    the number of clusters was chosen by.
    """
    metrics: list[Metric] = []
    for level in levels:
        if (sample := _sample(evaluator, level, evaluation)) is not None:
            resampled = resample(sample, Question(evaluator, level, options, evaluation.seed), evaluation.languages)
            for measure in _measures(sample, evaluation):
                metrics += as_metrics(measure, sample, resampled)
    return metrics


def values_of_levels(
    evaluator: str, levels: Iterable[str], evaluation: Evaluation, parts: Sequence[Sequence[str]]
) -> dict[Key, Float64]:
    """(parts,) of every metric of each level, on each list of languages; NaN where it is undefined.

    The clusters are those found on all languages.
    """
    found: dict[Key, Float64] = {}
    for level in levels:
        if (sample := _sample(evaluator, level, evaluation)) is not None:
            positions = [sample.positions(part) for part in parts]
            for measure in _measures(sample, evaluation):
                for name, values in _on(measure, positions).items():
                    found[evaluator, level, measure.clusterer, name] = values
    return found


def _on(measure: Measure, positions: Sequence[NDArray[np.int64]]) -> dict[str, Float64]:
    """Parts with the same number of labelled languages at once; a part with fewer than two has no values."""
    found = {name: np.full(len(positions), np.nan) for name in measure.values}
    sizes = np.array([len(part) for part in positions])
    for size in np.unique(sizes[sizes > 1]):
        alike = np.flatnonzero(sizes == size).tolist()
        for name, values in measure.on(np.stack([positions[index] for index in alike])).items():
            found[name][alike] = values
    return found


def _sample(evaluator: str, level: str, evaluation: Evaluation) -> Sample | None:
    ids = [language.id for language in evaluation.languages]
    labels = labelled(ids, evaluation.labels[level])
    return draw(evaluator, level, labels) if len(labels) > 1 else None


def _measures(sample: Sample, evaluation: Evaluation) -> Iterator[Measure]:
    yield from distance_measures(sample, evaluation.distances)
    for clusterings in _by_clusterer(evaluation.clusterings, sample.level).values():
        yield cluster_measure(sample, clusterings)


def _by_clusterer(clusterings: Sequence[Clustering], level: str) -> dict[str, list[Clustering]]:
    """All seeds of each clusterer that were made for the level or for any."""
    groups: dict[str, list[Clustering]] = {}
    for clustering in clusterings:
        if clustering.level in (level, ""):
            groups.setdefault(clustering.clusterer, []).append(clustering)
    return groups
