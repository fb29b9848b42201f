"""Faults of aggregators, embedders and clusterers."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from contract_faults import CALLS, broken

from langgeo_core.api import (
    DistanceMatrix,
    Embedding,
)


class Aggregates:
    def __init__(self, function: Callable[[list[DistanceMatrix]], Any]) -> None:
        self.aggregate = lambda matrices: function(list(matrices.values()))


def mean_of(matrices: list[DistanceMatrix]) -> Any:
    return np.mean([matrix.values for matrix in matrices], axis=0)


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
@pytest.mark.parametrize(
    ("function", "check", "said"),
    [
        (mean_of, "one_matrix_over_the_same_languages", "gives ndarray"),
        (lambda given: given[0].subset(sorted(given[0].ids)), "one_matrix_over_the_same_languages", "the ids are"),
        (lambda given: given[0], "order_of_matrices_does_not_matter", "matrices turned round["),
        (
            lambda given: DistanceMatrix(
                given[0].ids,
                np.triu(mean_of(given), 1) * np.arange(len(given[0].ids))
                + (np.triu(mean_of(given), 1) * np.arange(len(given[0].ids))).T,
            ),
            "order_of_languages_does_not_matter",
            "distances, reordered[",
        ),
        (
            lambda given: DistanceMatrix(given[0].ids, (mean_of(given) > 5).astype(float)),
            "one_matrix_alone_keeps_its_order",
            "ranks of distances[",
        ),
        (
            lambda given: DistanceMatrix(given[0].ids, mean_of(given) * next(CALLS)),
            "same_matrices_give_the_same_result",
            "distances again[",
        ),
        (
            lambda given: DistanceMatrix(given[0].ids, mean_of(given)),
            "a_missing_language_is_filled_or_refused",
            "14 of 64 numbers",
        ),
        (
            lambda given: DistanceMatrix(given[0].ids, np.nan_to_num(mean_of(given))),
            "what_no_matrix_has_stays_missing",
            "7 distances of a language",
        ),
        (
            lambda given: DistanceMatrix(given[0].ids, 1.0 - np.eye(len(given[0].ids))),
            "zero_distances_stay_zero",
            "is 1.0 instead of 0.0",
        ),
    ],
)
def test_a_faulty_aggregator(function: Callable[[list[DistanceMatrix]], Any], check: str, said: str) -> None:
    assert said in broken("aggregators", Aggregates(function))[check]


class Embeds:
    def __init__(self, function: Callable[[DistanceMatrix], Any]) -> None:
        self.embed = function


def line(distances: DistanceMatrix, **more: Any) -> Embedding:
    return Embedding(distances.ids, np.nan_to_num(distances.values).mean(axis=1, keepdims=True), **more)


@pytest.mark.parametrize(
    ("function", "check", "said"),
    [
        (
            lambda one: Embedding(one.ids, np.empty((len(one.ids), 0))),
            "every_language_gets_a_point",
            "there is no axis",
        ),
        (lambda one: Embedding(one.ids[::-1], line(one).coordinates), "every_language_gets_a_point", "the ids are"),
        (lambda one: Embedding(one.ids, line(one).coordinates[1:]), "every_language_gets_a_point", "shape (14, 1)"),
        (
            lambda one: line(one, eigenvalues=np.arange(15.0)),
            "figures_beside_the_points_are_numbers",
            "eigenvalues are",
        ),
        (
            lambda one: line(one, eigenvalues=np.zeros(3)),
            "figures_beside_the_points_are_numbers",
            "3 eigenvalues for 15",
        ),
        (lambda one: line(one, notes={"stress": np.inf}), "figures_beside_the_points_are_numbers", "'stress': inf"),
        (
            lambda one: Embedding(one.ids, line(one).coordinates * next(CALLS)),
            "same_distances_give_the_same_points",
            "coordinates, second call[",
        ),
        (
            lambda one: Embedding(one.ids, one.values[:, :2]),
            "order_of_languages_does_not_matter",
            "distances between points[",
        ),
        (
            lambda one: Embedding(one.ids, one.values / one.values.max()),
            "equal_languages_are_accepted",
            "infinite or NaN",
        ),
        (lambda one: Embedding(one.ids, one.values.copy()), "missing_pairs_are_filled_or_refused", "infinite or NaN"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_faulty_embedder(function: Callable[[DistanceMatrix], Any], check: str, said: str) -> None:
    assert said in broken("embedders", Embeds(function))[check]


def clusterer(function: Callable[[Embedding, int | None, int], Any], k: Any = "classes", seeds: Any = 1) -> Any:
    return SimpleNamespace(k=k, seeds=seeds, cluster=function)


def whole(number: int = 0) -> Callable[[Embedding, int | None, int], Any]:
    return lambda embedding, k, seed: np.full(len(embedding.ids), number)


@pytest.mark.parametrize(
    ("instance", "check", "said"),
    [
        (clusterer(whole(), k="all"), "k_and_seeds_are_numbers", "k is 'all'"),
        (clusterer(whole(), seeds=0), "k_and_seeds_are_numbers", "seeds is 0"),
        (clusterer(whole(-2)), "every_language_gets_a_cluster", "the least label is -2"),
        (clusterer(lambda one, k, seed: [0] * len(one.ids)), "every_language_gets_a_cluster", "is list"),
        (
            clusterer(lambda one, k, seed: np.zeros(3, dtype=int)),
            "every_language_gets_a_cluster",
            "shape (3,) instead of (15,)",
        ),
        (
            clusterer(lambda one, k, seed: np.arange(len(one.ids))),
            "no_more_clusters_than_asked_for",
            "15 clusters, asked for 3",
        ),
        (
            clusterer(lambda one, k, seed: np.full(len(one.ids), next(CALLS))),
            "same_seed_gives_the_same_clusters",
            "labels of seed 0",
        ),
        (
            clusterer(lambda one, k, seed: np.arange(len(one.ids)) % 3),
            "order_of_languages_does_not_matter",
            "share a cluster[",
        ),
        (
            clusterer(lambda one, k, seed: (one.coordinates[:, 0] > 1).astype(int)),
            "equal_languages_are_accepted",
            "IndexError",
        ),
    ],
)
def test_a_faulty_clusterer(instance: Any, check: str, said: str) -> None:
    assert said in broken("clusterers", instance)[check]
