"""Do intervals over languages cover, and does the paired test keep its level? Languages are drawn anew each time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from langgeo_core.api import Clustering, DistanceMatrix, Embedding, Evaluation, Language
from langgeo_inference.api import draw_halves, half_interval, paired_difference
from langgeo_labels.api import values_of_levels

SIZES = np.array([38, 8, 7, 6, 6, 5, 5, 4, 4, 3, 3, 3, 2, 2, 2, 2, *[1] * 20])
"""Of the branches, as uneven as those of real language sets."""
FIGURES = {"nn1": "", "ari": "kmeans", "ami": "kmeans"}
LEAST_COVERAGE, MOST_REJECTED = {"nn1": 0.92, "ari": 0.8, "ami": 0.8}, {"nn1": 0.08, "ari": 0.12, "ami": 0.12}
"""Clusters are those of all languages, also on halves: how they would change is no part of their intervals."""
AXES, SEEDS = 12, 4

Float64 = NDArray[np.float64]


def space(points: Float64, branches: NDArray[np.int64]) -> Evaluation:
    """Languages at these points, clustered by k-means with as many clusters as branches."""
    ids = tuple(f"q{index:03}" for index in range(len(points)))
    k = len(set(branches.tolist()))
    clusterings = tuple(
        Clustering(ids, KMeans(k, n_init=1, random_state=seed).fit_predict(points), "kmeans", "branch", seed, k)
        for seed in range(SEEDS)
    )
    values = np.linalg.norm(points[:, np.newaxis] - points, axis=-1)
    return Evaluation(
        tuple(Language(identifier, identifier) for identifier in ids),
        DistanceMatrix(ids, (values + values.T) / 2),
        Embedding(ids, points, np.ones(points.shape[1])),
        clusterings,
        {"branch": tuple(map(str, branches))},
    )


def figures(evaluation: Evaluation, parts: list[list[str]]) -> dict[str, Float64]:
    """(parts,) of each figure."""
    found = values_of_levels("test", ["branch"], evaluation, parts)
    return {name: found["test", "branch", clusterer, name] for name, clusterer in FIGURES.items()}


def drawn(n: int, rng: np.random.Generator, centres: Float64) -> tuple[dict[str, Float64], dict[str, Float64]]:
    """The figures of two equally good recipes on all of n new languages, then on halves of these."""
    branches = rng.choice(len(SIZES), n, p=SIZES / SIZES.sum())
    shared = centres[branches] + 0.8 * rng.normal(size=(n, AXES))
    ids = [f"q{index:03}" for index in range(n)]
    parts = [ids, *([ids[place] for place in half] for half in draw_halves(n, 100, rng))]
    one, other = (figures(space(shared + 0.6 * rng.normal(size=(n, AXES)), branches), parts) for _ in range(2))
    return one, other


@pytest.mark.slow
@pytest.mark.parametrize("n", [64, 126])
def test_intervals_cover_and_the_paired_test_keeps_its_level(n: int) -> None:
    rng = np.random.default_rng(n)
    centres = 0.9 * rng.normal(size=(len(SIZES), AXES))
    rounds = [drawn(n, rng, centres) for _ in range(200)]
    for name in FIGURES:
        true = float(np.mean([one[name][0] for one, _ in rounds]))
        intervals = [half_interval(float(one[name][0]), one[name][1:], n) or (1.0, 0.0) for one, _ in rounds]
        coverage = np.mean([low <= true <= high for low, high in intervals])
        found = [
            paired_difference(float(one[name][0] - other[name][0]), one[name][1:] - other[name][1:], n)
            for one, other in rounds
        ]
        rejected = np.mean([difference.p is not None and difference.p < 0.05 for difference in found])
        print(f"{n} languages, {name}: coverage {coverage:.3f}, rejected {rejected:.3f}")
        assert coverage >= LEAST_COVERAGE[name]
        assert rejected <= MOST_REJECTED[name]
