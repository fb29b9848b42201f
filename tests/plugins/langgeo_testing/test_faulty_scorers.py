"""Faults of scorers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from contract_faults import CALLS, broken

from langgeo_core.api import (
    InputStatistics,
)


class Scores:
    """A scorer that does what a function says."""

    def __init__(self, function: Callable[[InputStatistics], Any]) -> None:
        self.feature_scores = function


def overwriting(statistics: InputStatistics) -> Any:
    statistics.gram_diagonal[:] += 1
    return statistics.gram_diagonal


@pytest.mark.parametrize(
    ("function", "check", "said"),
    [
        (lambda one: one.gram_diagonal[:-1], "gives_one_number_for_each_feature", "shape (6,) instead of (7,)"),
        (lambda one: list(one.gram_diagonal), "gives_one_number_for_each_feature", "is list"),
        (lambda one: (one.gram_diagonal > 1).astype(int), "gives_one_number_for_each_feature", "dtype int64"),
        (lambda one: -one.gram_diagonal, "scores_are_finite_and_not_negative", "the least g in deu is -"),
        (
            lambda one: 1e60 * one.gram_diagonal,
            "scores_are_finite_and_not_negative",
            "7 of 7 numbers of g in deu as float32",
        ),
        (lambda one: one.gram_diagonal + next(CALLS), "same_statistics_give_the_same_scores", "g in deu, second call"),
        (lambda one: one.gram_diagonal + next(CALLS), "order_of_languages_does_not_matter", "scored in another order"),
        (overwriting, "statistics_are_left_as_they_are", "gram_diagonal changed"),
        (lambda one: one.inverse_diagonal, "reads_declared_statistics_only", "it reads inverse_diagonal"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_a_faulty_scorer(function: Callable[[InputStatistics], Any], check: str, said: str) -> None:
    assert said in broken("scorers", Scores(function), statistics=("gram_diagonal",))[check]


class Fisher:
    statistic = "squared-gradient/1"

    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        return (gradients**2).T @ inputs**2

    def scores(self, statistic: Any, weights: Any, tokens: int) -> Any:
        return (weights**2 * statistic / tokens).astype(np.float32)


class NamelessFisher(Fisher):
    statistic = "gradient"


class Turned(Fisher):
    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        return super().accumulate(inputs, gradients).T


class InPlace(Fisher):
    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        return gradients.pow_(2).T @ inputs.pow_(2)


class Signed(Fisher):
    def scores(self, statistic: Any, weights: Any, tokens: int) -> Any:
        return (weights * statistic).astype(np.float32)


class Ranked(Fisher):
    def scores(self, statistic: Any, weights: Any, tokens: int) -> Any:
        return (statistic / statistic.sum()).astype(np.float32)


class Scribbling(Fisher):
    def scores(self, statistic: Any, weights: Any, tokens: int) -> Any:
        statistic *= weights**2
        return statistic


@pytest.mark.parametrize(
    ("instance", "check", "said"),
    [
        (NamelessFisher(), "statistic_has_a_version", "statistic is 'gradient'"),
        (Turned(), "accumulates_a_number_for_each_weight", "(7, 5), not (5, 7)"),
        (InPlace(), "accumulating_leaves_the_window_as_it_is", "the inputs["),
        (Signed(), "scores_are_finite_and_not_negative", "the least score is -"),
        (Ranked(), "scores_of_some_rows_are_those_of_the_whole", "the scores of rows 1 and 2["),
        (Scribbling(), "same_statistic_gives_the_same_scores", "instead of"),
    ],
)
def test_a_faulty_per_weight_scorer(instance: Fisher, check: str, said: str) -> None:
    assert said in broken("scorers", instance, per_weight=True)[check]


def test_a_sound_per_weight_scorer_breaks_nothing() -> None:
    assert broken("scorers", Fisher(), per_weight=True) == {}
