"""Faults of evaluators and baselines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from contract_faults import CALLS, broken

from langgeo_core.api import (
    BaselineContext,
    DistanceMatrix,
    Evaluation,
    Language,
    Metric,
)


class Judge:
    """One level, one metric, changed by the arguments."""

    def __init__(self, classes: Callable[[Language], Any] = lambda one: one.script or None, **changes: Any) -> None:
        self.classes, self.changes = classes, changes

    def labels(self, languages: Any) -> Any:
        return {"own": tuple(self.classes(one) for one in languages)}

    def evaluate(self, evaluation: Evaluation) -> Any:
        known = sum(one is not None for one in evaluation.labels["own"])
        metric = Metric("judge", "share", known / len(evaluation.languages), max(known, 1), level="own")
        return [replace(metric, **self.changes)]


class Short(Judge):
    def labels(self, languages: Any) -> Any:
        return {"own": ("VO",)}


class Placed(Judge):
    def labels(self, languages: Any) -> Any:
        return {"own": tuple(str(place) for place, _ in enumerate(languages))}


class Fickle(Judge):
    def evaluate(self, evaluation: Evaluation) -> Any:
        return [replace(one, value=next(CALLS)) for one in super().evaluate(evaluation)]


class Repeating(Judge):
    def evaluate(self, evaluation: Evaluation) -> Any:
        return super().evaluate(evaluation) * 2


class Dividing(Judge):
    def evaluate(self, evaluation: Evaluation) -> Any:
        counted = [one for one in evaluation.labels["own"] if one]
        return [Metric("judge", "share", 1 / len(counted), len(counted), level="own")]


@pytest.mark.parametrize(
    ("instance", "check", "said"),
    [
        (Short(), "every_level_has_a_class_for_each_language", "1 classes for 12 languages"),
        (Judge(lambda one: 3), "every_level_has_a_class_for_each_language", "has the classes [3"),
        (Placed(), "a_class_depends_on_its_language_alone", "in reverse"),
        (Judge(value=float("nan")), "metrics_are_numbers_over_known_languages", "share own is nan"),
        (Judge(n=99), "metrics_are_numbers_over_known_languages", "n = 99 of 12"),
        (Judge(metric=""), "metrics_are_numbers_over_known_languages", "has no name"),
        (Judge(p=0.0), "nulls_and_intervals_are_in_order", "p = 0.0"),
        (Judge(sd=-1.0), "nulls_and_intervals_are_in_order", "the spread [-1.0]"),
        (Judge(ci_low=0.9, ci_high=0.1), "nulls_and_intervals_are_in_order", "the interval (0.9, 0.1)"),
        (Judge(level="branch"), "metrics_name_known_levels_and_clusterers", "of the level 'branch'"),
        (Judge(clusterer="spectral"), "metrics_name_known_levels_and_clusterers", "of the clusterer 'spectral'"),
        (Repeating(), "metrics_name_known_levels_and_clusterers", "is there twice"),
        (Fickle(), "same_evaluation_gives_the_same_metrics", "the second time"),
        (Dividing(), "languages_without_a_class_are_no_failure", "ZeroDivisionError"),
    ],
)
def test_a_faulty_evaluator(instance: Judge, check: str, said: str) -> None:
    assert said in broken("evaluators", instance)[check]


def baseline(function: Callable[[BaselineContext], Any]) -> Any:
    return SimpleNamespace(distances=function)


def lengths(context: BaselineContext, factor: float = 1.0) -> DistanceMatrix:
    found = np.array([len(" ".join(context.documents(one.id)).split()) for one in context.languages], dtype=float)
    values = np.abs(found[:, None] - found[None]) * factor
    return DistanceMatrix(tuple(one.id for one in context.languages), values)


def by_place(context: BaselineContext) -> DistanceMatrix:
    places = np.arange(len(context.languages), dtype=float) ** 2
    return DistanceMatrix(tuple(one.id for one in context.languages), np.abs(places[:, None] - places[None]))


def shortest(context: BaselineContext) -> DistanceMatrix:
    least = min(len("".join(context.documents(one.id))) for one in context.languages)
    return DistanceMatrix(
        tuple(one.id for one in context.languages), lengths(context).values + (1 - np.eye(12)) * least
    )


@pytest.mark.parametrize(
    ("function", "check", "said"),
    [
        (lambda context: lengths(context).subset(["deu", "fin"]), "one_distance_for_each_pair", "the ids are deu, fin"),
        (lambda context: lengths(context, 0.0), "one_distance_for_each_pair", "distances that it has are zero"),
        (lambda context: lengths(context, next(CALLS)), "same_languages_give_the_same_distances", "second instance["),
        (by_place, "order_of_languages_does_not_matter", "languages turned round["),
        (shortest, "a_language_without_text_is_missing_or_measured", "between the other languages["),
        (
            lambda context: lengths(replace(context, documents=lambda one: ("a",))),
            "one_distance_for_each_pair",
            "are zero",
        ),
        (lambda context: _none(context), "a_run_without_models_or_texts_is_accepted_or_refused", "ZeroDivisionError"),
    ],
)
def test_a_faulty_baseline(function: Callable[[BaselineContext], Any], check: str, said: str) -> None:
    assert said in broken("baselines", baseline(function))[check]


def _none(context: BaselineContext) -> DistanceMatrix:
    return lengths(context, 1 / len(context.tokens))
