"""What is made of the aggregated distances before anything reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from langgeo_core.config.resolved import Chosen
from langgeo_core.contract.errors import LanggeoError
from langgeo_core.contract.protocols import ReplicateTransform, SquaredDistances
from langgeo_core.contract.types import DistanceMatrix, Language, language_of_replicate


def transformed(chosen: Sequence[Chosen], distances: DistanceMatrix, languages: Iterable[Language]) -> DistanceMatrix:
    """The distances after each transform in order.

    Parameters
    ----------
    languages : those of the distances, in any order, and others

    Raises
    ------
    LanggeoError
        What the transforms raise; or if one gives a matrix over other ids.
    """
    known = {language.id: language for language in languages}
    return _applied(chosen, distances, [known[identifier] for identifier in distances.ids])


def transformed_replicates(
    chosen: Sequence[Chosen], replicates: DistanceMatrix, languages: Iterable[Language]
) -> DistanceMatrix:
    """The distances between replicates of texts after each transform.

    Within one replicate they are what a run of that replicate alone would have. Distances from one replicate to another
    are those of one transform of all replicates, where every language comes as often as it has replicates.
    """
    known = {language.id: language for language in languages}
    pieces = [language_of_replicate(identifier) for identifier in replicates.ids]
    owners = [known[language] for language, _ in pieces]
    numbers = np.array([number for _, number in pieces])
    values = _applied(chosen, replicates, owners).values.copy()
    for number in sorted(set(numbers.tolist()) if chosen else ()):
        rows = np.flatnonzero(numbers == number)
        alone = replicates.subset([replicates.ids[row] for row in rows])
        values[np.ix_(rows, rows)] = _applied(chosen, alone, [owners[row] for row in rows]).values
    return DistanceMatrix(replicates.ids, values)


def reader_of_replicates(chosen: Sequence[Chosen]) -> ReplicateTransform | None:
    """The first transform, if it is one that reads replicates; such a one is never a later one."""
    first = chosen[0].build() if chosen else None
    return first if isinstance(first, ReplicateTransform) else None


def euclidean(distances: DistanceMatrix, made_by: object) -> DistanceMatrix:
    """The distances that a component made, moderate, or their roots where it makes `SquaredDistances`."""
    if isinstance(made_by, SquaredDistances) and made_by.squared:
        return DistanceMatrix(distances.ids, np.sqrt(distances.moderate().values))
    return distances.moderate()


def _applied(chosen: Sequence[Chosen], distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
    for one in chosen:
        found: DistanceMatrix = one.build().transform(distances.moderate(), languages)
        if found.ids != distances.ids:
            message = f"the transform {one.name} returned distances of other languages than it was given"
            raise LanggeoError(message, f"{one.origin.bug}, or remove it from `transforms`")
        distances = found
    return distances
