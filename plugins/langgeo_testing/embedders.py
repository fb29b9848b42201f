"""What an embedder promises."""

from __future__ import annotations

import numpy as np

from langgeo_core.contract.errors import LanggeoError
from langgeo_core.contract.types import DistanceMatrix, Embedding
from langgeo_testing.check import Subject, require
from langgeo_testing.numbers import array, finite, same
from langgeo_testing.spaces import between, groups, lacking, reordered

ROUNDING = 1e-6


def every_language_gets_a_point(subject: Subject) -> None:
    """`embed` gives finite coordinates (languages, axes), with the ids in the order of the distances."""
    distances = between(groups())
    found = _embedded(subject, distances)
    require(found.coordinates.shape[1] > 0, "there is no axis, and the languages differ")


def figures_beside_the_points_are_numbers(subject: Subject) -> None:
    """Eigenvalues are none or one for each language, in falling order; notes are finite numbers."""
    found = _embedded(subject, between(groups()))
    count = len(found.eigenvalues)
    require(count in (0, len(found.ids)), f"there are {count} eigenvalues for {len(found.ids)} languages")
    require(bool((np.diff(found.eigenvalues) <= 0).all()), f"the eigenvalues are {found.eigenvalues}")
    strange = {name: value for name, value in found.notes.items() if not np.isfinite(float(value))}
    require(not strange, f"the notes have {strange}")


def same_distances_give_the_same_points(subject: Subject) -> None:
    """The same distances give the same points, at every call and in every instance; a seed is an option."""
    distances = between(groups())
    embedder = subject.build()
    first = embedder.embed(distances).coordinates
    same("coordinates, second call", embedder.embed(distances).coordinates, first)
    same("coordinates, second instance", subject.build().embed(distances).coordinates, first)


def order_of_languages_does_not_matter(subject: Subject) -> None:
    """Languages in another order lie as far from each other; what is random works in the order of the ids."""
    distances = between(groups())
    moved = between_points(_embedded(subject, reordered(distances)))
    same(
        "distances between points",
        moved.values,
        reordered(between_points(_embedded(subject, distances))).values,
        ROUNDING,
    )


def languages_that_cannot_be_told_apart_are_no_failure(subject: Subject) -> None:
    """Where all distances are zero there are still points, or no axes: a run that tells nothing apart is a result."""
    equal = between(np.zeros_like(groups()))
    _embedded(subject, equal)


def missing_pairs_are_bridged_or_refused(subject: Subject) -> None:
    """Where pairs are missing the points are finite all the same, or it refuses with a LanggeoError."""
    try:
        _embedded(subject, lacking(between(groups()), [2]))
    except LanggeoError:
        return


def between_points(embedding: Embedding) -> DistanceMatrix:
    """The distances that the map shows."""
    return DistanceMatrix(embedding.ids, between(embedding.coordinates).values)


def _embedded(subject: Subject, distances: DistanceMatrix) -> Embedding:
    found = subject.build().embed(distances)
    require(isinstance(found, Embedding), f"embed gives {type(found).__name__}, no Embedding")
    require(tuple(found.ids) == distances.ids, f"the ids are {found.ids} instead of {distances.ids}")
    axes = np.shape(found.coordinates)[-1]
    finite("coordinates", array("coordinates", found.coordinates, (len(distances.ids), axes)))
    kept: Embedding = found
    return kept


CHECKS = (
    every_language_gets_a_point,
    figures_beside_the_points_are_numbers,
    same_distances_give_the_same_points,
    order_of_languages_does_not_matter,
    languages_that_cannot_be_told_apart_are_no_failure,
    missing_pairs_are_bridged_or_refused,
)
