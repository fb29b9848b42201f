"""What a transform promises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langgeo_core.contract.errors import LanggeoError
from langgeo_core.contract.types import DistanceMatrix, Language
from langgeo_testing.check import Subject, require, skip
from langgeo_testing.numbers import finite, same
from langgeo_testing.spaces import lacking
from langgeo_testing.world import coordinates, distances_between, languages

ROUNDING = 1e-6
LOST = 4
"""The place of the language without any distance."""


def one_matrix_over_the_same_languages(subject: Subject) -> None:
    """`transform` gives one complete matrix of a complete one, with its ids in their order, and not of zeros."""
    found = _transformed(subject, distances_between(languages()), languages())
    finite("the transformed distances", found.values)
    require(float(found.values.max()) > 0, "all transformed distances are zero, and those given are not")


def same_distances_give_the_same_result(subject: Subject) -> None:
    """The same distances give the same result, at every call and in every instance."""
    known = languages()
    distances, transform = distances_between(known), subject.build()
    first = transform.transform(distances, known).values
    same("distances, second call", transform.transform(distances, known).values, first)
    same("distances, second instance", _transformed(subject, distances, known).values, first)


def order_of_languages_does_not_matter(subject: Subject) -> None:
    """Languages in another order have their distances in that order."""
    known = languages()
    expected = _transformed(subject, distances_between(known), known)
    moved = _transformed(subject, distances_between(known[::-1]), known[::-1])
    same("distances, languages turned round", moved.subset(expected.ids).values, expected.values, ROUNDING)


def languages_that_cannot_be_told_apart_stay_together(subject: Subject) -> None:
    """Of a matrix of zeros the result is zero: a run that tells no languages apart is a result."""
    known = languages()
    zeros = DistanceMatrix(tuple(one.id for one in known), np.zeros((len(known), len(known))))
    same("distances", _transformed(subject, zeros, known).values, zeros.values)


def missing_pairs_are_bridged_or_refused(subject: Subject) -> None:
    """Where pairs are missing there is a matrix all the same, or it refuses with a LanggeoError."""
    known = languages()
    try:
        found = _transformed(subject, lacking(distances_between(known), [LOST]), known)
    except LanggeoError:
        return
    rest = np.delete(np.delete(found.values, LOST, axis=0), LOST, axis=1)
    finite("distances between the other languages", rest)


def halves_of_texts_can_be_transformed(subject: Subject) -> None:
    """A language may come twice under other ids, as it does where halves of its text are compared."""
    known = (*languages(), *languages())
    points = coordinates(known) + np.random.default_rng(5).normal(scale=0.1, size=(len(known), 4))
    values = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(values, 0.0)
    ids = tuple(f"{one.id}/{place // (len(known) // 2)}" for place, one in enumerate(known))
    finite("distances between halves", _transformed(subject, DistanceMatrix(ids, values), known).values)


def pairwise_means_that_no_other_language_counts(subject: Subject) -> None:
    """One registered as `pairwise` gives a pair the same distance whichever other languages there are."""
    if not getattr(subject.record, "pairwise", False):
        skip("it is not registered as pairwise")
    known = languages()
    whole, part = _transformed(subject, distances_between(known), known), known[::2]
    found = _transformed(subject, distances_between(part), part)
    same("distances among half of the languages", found.values, whole.subset(found.ids).values, ROUNDING)


def _transformed(subject: Subject, distances: DistanceMatrix, known: Sequence[Language]) -> DistanceMatrix:
    found = subject.build().transform(distances, known)
    require(isinstance(found, DistanceMatrix), f"transform gives {type(found).__name__}, no DistanceMatrix")
    require(found.ids == distances.ids, f"the ids are {', '.join(found.ids)} instead of {', '.join(distances.ids)}")
    kept: DistanceMatrix = found
    return kept


CHECKS = (
    one_matrix_over_the_same_languages,
    same_distances_give_the_same_result,
    order_of_languages_does_not_matter,
    languages_that_cannot_be_told_apart_stay_together,
    missing_pairs_are_bridged_or_refused,
    halves_of_texts_can_be_transformed,
    pairwise_means_that_no_other_language_counts,
)
