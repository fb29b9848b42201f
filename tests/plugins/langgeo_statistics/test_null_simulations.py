"""Under the null, p is uniform, and an effect is found.

Run with `python -m pytest -m slow tests/plugins/langgeo_statistics`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest
from tree_cases import random_distances
from worlds import evaluation, languages

from langgeo_core.api import Metric
from langgeo_statistics.confounds import Confounds, facts
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


def unique_of(explained: np.ndarray, text: np.ndarray, seed: int) -> float:
    """p of what the baseline `text` alone explains, beside script, place and classification."""
    options = ConfoundsOptions(permutations=PERMUTATIONS, subsamples=2, fewest=99)
    given = replace(evaluation(KNOWN, explained, {"text": text}), seed=seed)
    (found,) = (row.p for row in Confounds(options).evaluate(given) if row.metric == "mrm-unique:text")
    assert found is not None
    return found


def even(values: np.ndarray) -> np.ndarray:
    """Distances with a spread of 1."""
    return values / values[np.triu_indices(len(values), 1)].std()


KNOWN_FACTS = {name: even(matrix.values) for name, matrix in facts(KNOWN).items()}


def overlapping(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances and a text baseline that both follow script, place and classification, and otherwise chance."""
    shared = sum(KNOWN_FACTS.values())
    first, text = (even(random_distances(len(KNOWN), number + seed)) for number in (0, 10_000))
    return 1.5 * shared + first, shared + text


def test_a_unique_share_of_overlapping_predictors() -> None:
    """What a permutation of the distances themselves gets wrong: there it rejects in none of 400."""
    found = np.array([unique_of(*overlapping(seed), seed) for seed in range(ROUNDS)])
    assert 0.02 <= (found <= 0.05).mean() <= 0.09
    check_uniform(found, "mrm-unique:text")


def test_a_unique_share_is_found_beside_large_shared_ones() -> None:
    """What the text alone has is half as large as what is left to chance, and each fact four times that."""
    found = []
    for seed in range(ROUNDS):
        first, text = overlapping(seed)
        found.append(unique_of(first + 0.5 * text, text, seed))
    assert (np.array(found) <= 0.05).mean() > 0.8


def test_two_independent_fields_over_the_map_go_together_too_often() -> None:
    """The limit that the README states: what follows from places is more than a straight line in their distance."""
    rng = np.random.default_rng(0)
    apart = facts(KNOWN)["geography"].values
    root = np.linalg.cholesky(np.exp(-apart / apart.max()) + 1e-9 * np.eye(len(KNOWN)))
    found = []
    for seed in range(ROUNDS):
        fields = (root @ rng.normal(size=(len(KNOWN), 2)) for _ in range(2))
        found.append(unique_of(*(np.linalg.norm(field[:, None] - field, axis=2) for field in fields), seed))
    assert (np.array(found) <= 0.05).mean() > 0.1


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
