"""What a scorer of the form S_ij = w_ij² · g_j promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.records import Scorer
from langgeo_core.contract.types import InputStatistics
from langgeo_testing.check import Subject, broken, require
from langgeo_testing.numbers import Untouched, array, finite, same
from langgeo_testing.statistics import FEATURES, LANGUAGES, MEASURED, UndeclaredError, only, statistics_of


def declared_statistics_exist(subject: Subject) -> None:
    """`statistics` names fields of `InputStatistics` that calibration measures."""
    unknown = [name for name in _declared(subject) if name not in MEASURED]
    require(not unknown, f"statistics={unknown}; there are {', '.join(MEASURED)}")


def reads_declared_statistics_only(subject: Subject) -> None:
    """The scorer reads no statistic that its record does not declare."""
    declared = _declared(subject)
    try:
        subject.build().feature_scores(only(statistics_of("deu"), declared))
    except UndeclaredError as read:
        broken(f"it reads {read}, and the record has statistics={declared}")


def gives_one_number_for_each_feature(subject: Subject) -> None:
    """g is an array of floating-point numbers, one for each input feature."""
    array("g", subject.build().feature_scores(statistics_of("deu")), (FEATURES,))


def scores_are_finite_and_not_negative(subject: Subject) -> None:
    """g is finite and not negative, in float32 too, and where a feature is zero for every token."""
    for case in _cases():
        scores = _scores(subject.build(), case)
        finite(f"g in {case.language}", scores)
        finite(f"g in {case.language} as float32", scores.astype(np.float32))
        require(bool((scores >= 0).all()), f"the least g in {case.language} is {scores.min()}")


def same_statistics_give_the_same_scores(subject: Subject) -> None:
    """The same statistics give the same g, at every call and in every instance."""
    scorer = subject.build()
    for case in _cases():
        first = _scores(scorer, case)
        same(f"g in {case.language}, second call", _scores(scorer, case), first)
        same(f"g in {case.language}, second instance", _scores(subject.build(), case), first)


def order_of_languages_does_not_matter(subject: Subject) -> None:
    """A language's g does not depend on the languages that were scored before it."""
    scorer, other = subject.build(), subject.build()
    forwards = {case.language: _scores(scorer, case) for case in map(statistics_of, LANGUAGES)}
    backwards = {case.language: _scores(other, case) for case in map(statistics_of, reversed(LANGUAGES))}
    for language, scores in forwards.items():
        same(f"g in {language}, scored in another order", backwards[language], scores)


def statistics_are_left_as_they_are(subject: Subject) -> None:
    """The scorer does not write into the statistics that it is given."""
    statistics = statistics_of("deu")
    before = Untouched({name: getattr(statistics, name) for name in MEASURED})
    subject.build().feature_scores(statistics)
    before.check()


def _declared(subject: Subject) -> tuple[str, ...]:
    return subject.record.statistics if isinstance(subject.record, Scorer) else ()


def _cases() -> Iterator[InputStatistics]:
    yield from map(statistics_of, LANGUAGES)
    yield statistics_of("vie", dead=True)


def _scores(scorer: Any, statistics: InputStatistics) -> NDArray[np.float64]:
    return np.array(scorer.feature_scores(statistics), dtype=np.float64)


CHECKS = (
    declared_statistics_exist,
    reads_declared_statistics_only,
    gives_one_number_for_each_feature,
    scores_are_finite_and_not_negative,
    same_statistics_give_the_same_scores,
    order_of_languages_does_not_matter,
    statistics_are_left_as_they_are,
)
