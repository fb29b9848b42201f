"""A finished run's figures on parts of its languages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.contract.types import Evaluation, Metric
from langgeo_core.evaluation.language_subsets import among, values_on
from langgeo_core.storage.run_folder import Run

Float64 = NDArray[np.float64]

Key = tuple[str, str, str, str, str]


def key_of(metric: Metric) -> Key:
    """What makes rows of two runs the same figure."""
    return metric.source, metric.evaluator, metric.clusterer, metric.level, metric.metric


def figures_on(
    run: Run, config: ResolvedConfig, ids: Sequence[str], parts: Sequence[Sequence[str]]
) -> dict[Key, Float64]:
    """(parts,) the values among the languages `ids` of every figure on each list of some of them; NaN if undefined.

    Raises
    ------
    NumericalError
        If these languages cannot be embedded or clustered alone.
    """
    given = among(config, _evaluation(run, config.settings.seed), ids)
    found = values_on(config.choices["evaluators"], given, parts)
    return {
        ("run", evaluator, clusterer, level, metric): values
        for (evaluator, level, clusterer, metric), values in found.items()
    }


def _evaluation(run: Run, seed: int) -> Evaluation:
    """What the run's evaluators were given."""
    return Evaluation(
        run.languages,
        run.distances,
        run.embedding,
        run.clusterings,
        run.labels,
        seed,
        run.baselines,
    )
