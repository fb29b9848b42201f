"""Figures of clusters at other numbers of clusters than there are classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from langgeo_core.api import Clustering, Evaluation, ResolvedConfig, protocols, schema
from langgeo_statistics.language_subsets import SubsetEvaluator, values_on

SWEPT, SWEEP_SEEDS = 10, 3
"""Numbers of clusters in k_sweep.csv, and seeds of each."""


def swept(n: int) -> list[int]:
    """Numbers of clusters of n languages, from 2 to n − 1, evenly on a scale of ratios."""
    return sorted({int(k) for k in np.geomspace(2, n - 1, SWEPT).round()}) if n > 2 else []


def k_sweep(config: ResolvedConfig, given: Evaluation) -> Iterator[dict[str, Any]]:
    """Whether figures depend on the number of clusters: clusterers that follow the classes, at other numbers.

    A row of k_sweep.csv for each figure and k, mean and standard deviation over seeds, of evaluators that give values
    alone and have figures of the clusters in `given`.
    """
    able, n = [], len(given.distances.ids)
    for chosen in config.choices["evaluators"]:
        if isinstance(chosen.build(), SubsetEvaluator):
            questions = values_on([chosen], given, [given.distances.ids])
            able += [chosen] if any(clusterer for _, _, clusterer, _ in questions) else []
    for chosen in config.choices["clusterers"]:
        clusterer: protocols.Clusterer = chosen.build()
        for k in swept(n) if able and clusterer.k == "classes" else ():
            found = []
            for seed in range(given.seed, given.seed + min(SWEEP_SEEDS, clusterer.seeds)):
                labels = clusterer.cluster(given.embedding, k, seed)
                clustering = Clustering(given.embedding.ids, labels, chosen.name, "", k, seed)
                values = values_on(able, replace(given, clusterings=(clustering,)), [given.distances.ids])
                found.append(
                    {question: float(one[0]) for question, one in values.items() if question[2] == chosen.name}
                )
            for evaluator, level, by, metric in found[0]:
                over = np.array([seed[evaluator, level, by, metric] for seed in found])
                if np.isfinite(over).all():
                    sd = float(over.std(ddof=1)) if len(over) > 1 else None
                    figures = (evaluator, by, level, metric, k, float(over.mean()), sd, len(over))
                    yield dict(zip(schema.K_SWEEP.header, figures, strict=True))
