"""What an evaluator promises."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from langgeo_core.contract.types import Evaluation, Metric
from langgeo_testing.check import Subject, require, skip
from langgeo_testing.world import evaluation, languages


def every_level_has_a_class_for_each_language(subject: Subject) -> None:
    """`labels` gives for each level as many classes as there are languages, each a text or None."""
    known = languages()
    for level, classes in subject.build().labels(known).items():
        require(isinstance(level, str) and bool(level.strip()), f"a level is called {level!r}")
        require(len(classes) == len(known), f"{level} has {len(classes)} classes for {len(known)} languages")
        strange = [one for one in classes if not (one is None or (isinstance(one, str) and one))]
        require(not strange, f"{level} has the classes {strange}")


def a_class_is_the_language_s_own(subject: Subject) -> None:
    """A language's class does not depend on the other languages or their order."""
    known = languages()
    whole, reverse = subject.build().labels(known), subject.build().labels(known[::-1])
    for level, classes in whole.items():
        found = tuple(reversed(reverse.get(level, ())))
        require(found == tuple(classes), f"{level} is {found} in reverse, and {tuple(classes)} otherwise")


def metrics_are_numbers_over_known_languages(subject: Subject) -> None:
    """`evaluate` gives metrics with a name, a finite value, and an n of at most the number of languages."""
    for metric in _metrics(subject):
        require(isinstance(metric, Metric), f"evaluate gives a {type(metric).__name__}, no Metric")
        require(bool(metric.evaluator and metric.metric), f"a metric has no name: {metric}")
        require(math.isfinite(metric.value), f"{_name(metric)} is {metric.value}")
        require(0 < metric.n <= len(languages()), f"{_name(metric)} has n = {metric.n} of {len(languages())} languages")


def nulls_and_intervals_are_in_order(subject: Subject) -> None:
    """p lies in (0, 1], spreads are not negative, and an interval's lower end is not above its upper one."""
    for metric in _metrics(subject):
        require(metric.p is None or 0 < metric.p <= 1, f"{_name(metric)} has p = {metric.p}")
        spreads = [one for one in (metric.sd, metric.null_sd) if one is not None and not one >= 0]
        require(not spreads, f"{_name(metric)} has the spread {spreads}")
        ends = (metric.ci_low, metric.ci_high)
        require((None in ends) == (ends == (None, None)), f"{_name(metric)} has the interval {ends}")
        require(ends[0] is None or ends[1] is None or ends[0] <= ends[1], f"{_name(metric)} has the interval {ends}")
        require(metric.seeds >= 1, f"{_name(metric)} has seeds = {metric.seeds}")


def metrics_name_known_levels_and_clusterers(subject: Subject) -> None:
    """A metric's level and clusterer are those of the evaluation, or empty, and no question is answered twice."""
    given = _evaluation(subject)
    clusterers = {one.clusterer for one in given.clusterings}
    questions: set[tuple[str, ...]] = set()
    for metric in subject.build().evaluate(given):
        require(metric.level in {"", *given.labels}, f"{_name(metric)} is of the level {metric.level!r}")
        require(metric.clusterer in {"", *clusterers}, f"{_name(metric)} is of the clusterer {metric.clusterer!r}")
        require(metric.question not in questions, f"{_name(metric)} is there twice")
        questions.add(metric.question)


def same_evaluation_gives_the_same_metrics(subject: Subject) -> None:
    """The same evaluation gives the same metrics in every instance: what is random takes `evaluation.seed`."""
    first, again = subject.build().evaluate(_evaluation(subject)), subject.build().evaluate(_evaluation(subject))
    for one, other in zip(first, again, strict=True):
        require(one == other, f"{one} is {other} the second time")


def languages_without_a_class_are_no_failure(subject: Subject) -> None:
    """Where no language, or a single one, has a class, `evaluate` still gives a list."""
    known = languages()
    levels = subject.build().labels(known)
    for alone in (None, 0):
        labels = {level: _only(classes, alone) for level, classes in levels.items()}
        found = subject.build().evaluate(evaluation(known, labels))
        require(isinstance(found, list), f"evaluate gives a {type(found).__name__}")


def _only(classes: tuple[str | None, ...], place: int | None) -> tuple[str | None, ...]:
    return tuple(one if index == place else None for index, one in enumerate(classes))


def _evaluation(subject: Subject) -> Evaluation:
    known = languages()
    return evaluation(known, dict(subject.build().labels(known)))


def _metrics(subject: Subject) -> Iterator[Any]:
    found = subject.build().evaluate(_evaluation(subject))
    if not found:
        skip("it has no metric of the languages that are tried")
    yield from found


def _name(metric: Metric) -> str:
    return " ".join(filter(None, (metric.metric, metric.level, metric.clusterer)))


CHECKS = (
    every_level_has_a_class_for_each_language,
    a_class_is_the_language_s_own,
    metrics_are_numbers_over_known_languages,
    nulls_and_intervals_are_in_order,
    metrics_name_known_levels_and_clusterers,
    same_evaluation_gives_the_same_metrics,
    languages_without_a_class_are_no_failure,
)
