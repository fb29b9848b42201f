"""Every clusterer whose number of clusters follows the classes, at other numbers: does a figure hang on k?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from langgeo_core.config.resolved import Chosen
from langgeo_core.contract.protocols import Clusterer, SubsetEvaluator
from langgeo_core.contract.types import Clustering, Evaluation
from langgeo_core.evaluation.inference import Question
from langgeo_core.evaluation.language_subsets import values_on
from langgeo_core.storage.schema import K_SWEEP

NUMBERS = 10
SEEDS = 3


def swept(n: int) -> list[int]:
    """Numbers of clusters of n languages, from 2 to n − 1, evenly on a scale of ratios."""
    return sorted({int(k) for k in np.geomspace(2, n - 1, NUMBERS).round()}) if n > 2 else []


def k_sweep(clusterers: Sequence[Chosen], evaluators: Sequence[Chosen], given: Evaluation) -> Iterator[dict[str, Any]]:
    """A row for each figure and k: mean and standard deviation over seeds, of evaluators that give values alone.

    Those that have no figure of the clusters in `given` are not asked again.
    """
    able = [
        chosen for chosen in evaluators if isinstance(chosen.build(), SubsetEvaluator) and _of_clusters(chosen, given)
    ]
    for chosen in clusterers if able else ():
        clusterer: Clusterer = chosen.build()
        if clusterer.k != "classes":
            continue
        for k in swept(len(given.distances.ids)):
            seeds = min(SEEDS, clusterer.seeds)
            found = [_values(chosen.name, clusterer, k, given.seed + seed, able, given) for seed in range(seeds)]
            yield from _rows(found, k)


def _of_clusters(evaluator: Chosen, given: Evaluation) -> bool:
    return any(clusterer for _, _, clusterer, _ in values_on([evaluator], given, [given.distances.ids]))


def _values(
    name: str, clusterer: Clusterer, k: int, seed: int, evaluators: Sequence[Chosen], given: Evaluation
) -> dict[Question, float]:
    labels = clusterer.cluster(given.embedding, k, seed)
    clustering = Clustering(given.embedding.ids, labels, name, "", k, seed)
    values = values_on(evaluators, replace(given, clusterings=(clustering,)), [given.distances.ids])
    return {question: float(value[0]) for question, value in values.items() if question[2] == name}


def _rows(found: Sequence[dict[Question, float]], k: int) -> Iterator[dict[str, Any]]:
    for question in found[0]:
        evaluator, level, clusterer, metric = question
        values = np.array([seed[question] for seed in found])
        if np.isfinite(values).all():
            sd = float(values.std(ddof=1)) if len(values) > 1 else None
            figures = (evaluator, clusterer, level, metric, k, float(values.mean()), sd, len(values))
            yield dict(zip(K_SWEEP.header, figures, strict=True))
