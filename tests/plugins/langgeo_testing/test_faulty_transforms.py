"""Faults of transforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from contract_faults import CALLS, broken

from langgeo_core.api import DistanceMatrix, Language

Function = Callable[[DistanceMatrix, Sequence[Language]], Any]


class Transforms:
    def __init__(self, function: Function) -> None:
        self.transform = function


def times(distances: DistanceMatrix, factor: float) -> DistanceMatrix:
    return DistanceMatrix(distances.ids, distances.values * factor)


def plus_one(distances: DistanceMatrix) -> DistanceMatrix:
    return DistanceMatrix(distances.ids, distances.values + 1 - np.eye(len(distances.ids)))


def by_place(distances: DistanceMatrix) -> DistanceMatrix:
    """What is far from the first language counts more."""
    first = distances.values[0]
    return DistanceMatrix(distances.ids, distances.values * (1 + np.add.outer(first, first)))


def spilt(distances: DistanceMatrix) -> DistanceMatrix:
    """A pair more is missing."""
    values = distances.values.copy()
    values[0, 1] = values[1, 0] = np.nan
    return DistanceMatrix(distances.ids, values)


def by_name(distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
    """Takes the ids of the distances for those of the languages."""
    return distances.subset(language.id for language in languages)


@pytest.mark.parametrize(
    ("function", "check", "said"),
    [
        (lambda one, _: one.values, "one_matrix_over_the_same_languages", "gives ndarray"),
        (lambda one, _: one.subset(sorted(one.ids)), "one_matrix_over_the_same_languages", "the ids are"),
        (lambda one, _: times(one, 0), "one_matrix_over_the_same_languages", "are zero"),
        (lambda one, _: times(one, 1 + next(CALLS)), "same_distances_give_the_same_result", "second call["),
        (lambda one, _: by_place(one), "order_of_languages_does_not_matter", "turned round["),
        (lambda one, _: plus_one(one), "zero_distances_stay_zero", "is 1.0 instead of 0.0"),
        (
            lambda one, _: one if one.complete else spilt(one),
            "missing_pairs_are_filled_or_refused",
            "2 of 121 numbers of distances between the other languages",
        ),
        (by_name, "halves_of_texts_can_be_transformed", "KeyError: 'deu'"),
    ],
)
def test_a_faulty_transform(function: Function, check: str, said: str) -> None:
    assert said in broken("transforms", Transforms(function))[check]


def test_one_that_is_not_pairwise_although_it_says_so() -> None:
    scaled = Transforms(lambda one, _: times(one, 1 / (1 + float(one.values.mean()))))
    check = "pairwise_means_that_no_other_language_counts"
    assert check not in broken("transforms", scaled)
    assert "half of the languages" in broken("transforms", scaled, pairwise=True)[check]
    assert broken("transforms", Transforms(lambda one, _: times(one, 3)), pairwise=True) == {}
