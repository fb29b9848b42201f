"""Under the null, p is uniform. Run with `python -m pytest -m slow tests/plugins/langgeo_statistics`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest
from tree_cases import random_distances
from worlds import evaluation, languages

from langgeo_core.types import Metric
from langgeo_statistics.confounds_evaluator import Confounds
from langgeo_statistics.options import ConfoundsOptions, TreesOptions
from langgeo_statistics.trees_evaluator import Trees

pytestmark = pytest.mark.slow

ROUNDS = 400
PERMUTATIONS = 199
KNOWN = languages(4, 2, 2)


def p_values(figures: Callable[[int], list[Metric]]) -> dict[str, np.ndarray]:
    found: dict[str, list[float]] = {}
    for round_ in range(ROUNDS):
        for metric in figures(round_):
            if metric.p is not None:
                found.setdefault(metric.metric, []).append(metric.p)
    return {name: np.array(values) for name, values in found.items()}


def check_uniform(values: np.ndarray, name: str) -> None:
    """Kolmogorov and Smirnov against the uniform grid that so many permutations allow, spread evenly within steps."""
    assert len(values) == ROUNDS
    spread = values - np.random.default_rng(0).random(ROUNDS) / (1 + PERMUTATIONS)
    assert kstest(spread, "uniform").pvalue > 0.001, name
    assert abs((values <= 0.05).mean() - 0.05) < 0.04, name


def test_confounds() -> None:
    options = ConfoundsOptions(permutations=PERMUTATIONS, subsamples=2, fewest=99)

    def figures(seed: int) -> list[Metric]:
        text = random_distances(len(KNOWN), 10_000 + seed)
        given = evaluation(KNOWN, random_distances(len(KNOWN), seed), {"text": text})
        return Confounds(options).evaluate(replace(given, seed=seed))

    found = p_values(figures)
    assert {"mantel-pearson:text", "mantel-spearman:text", "mrm-r2", "mrm-unique:text"} <= set(found)
    assert {"mantel-pearson:text@within-script", "mrm-r2@within-script"} <= set(found)
    for name in found:
        check_uniform(found[name], name)


def test_trees() -> None:
    options = TreesOptions(permutations=PERMUTATIONS, subsamples=2, quartets=10)

    def figures(seed: int) -> list[Metric]:
        given = evaluation(KNOWN, random_distances(len(KNOWN), seed))
        return Trees(options).evaluate(replace(given, seed=seed))

    found = p_values(figures)
    assert {"quartet-distance:nj", "quartet-distance:ward", "triplet-agreement:upgma"} <= set(found)
    for name in found:
        values = found[name]
        assert (values <= 0.05).mean() <= 0.08, name
        assert values.mean() == pytest.approx(0.5, abs=0.06), name
