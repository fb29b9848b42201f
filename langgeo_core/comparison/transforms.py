"""What is made of the aggregated distances before anything reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from langgeo_core.config.resolved import Chosen
from langgeo_core.contract.errors import LanggeoError
from langgeo_core.contract.types import DistanceMatrix, Language
from langgeo_core.evaluation.halves import language_of_half


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


def transformed_halves(
    chosen: Sequence[Chosen], halves: DistanceMatrix, languages: Iterable[Language]
) -> DistanceMatrix:
    """The distances between halves of texts after each transform.

    Within first halves and within second halves they are what two runs would have, each of one half. Distances from a
    first half to a second are those of one transform of all halves, where every language comes twice.
    """
    known = {language.id: language for language in languages}
    owners = [known[language_of_half(identifier)[0]] for identifier in halves.ids]
    sides = np.array([language_of_half(identifier)[1] for identifier in halves.ids])
    values = _applied(chosen, halves, owners).values.copy()
    for side in sorted(set(sides.tolist()) if chosen else ()):
        rows = np.flatnonzero(sides == side)
        alone = halves.subset([halves.ids[row] for row in rows])
        values[np.ix_(rows, rows)] = _applied(chosen, alone, [owners[row] for row in rows]).values
    return DistanceMatrix(halves.ids, values)


def _applied(chosen: Sequence[Chosen], distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
    for one in chosen:
        found: DistanceMatrix = one.build().transform(distances, languages)
        if found.ids != distances.ids:
            origin = f"{one.origin.plugin} of {one.origin.distribution} {one.origin.version}"
            message = f"the transform {one.name} gives distances of other languages than it was given"
            raise LanggeoError(message, f"a fault of {origin}: tell its authors, or leave it out of `transforms`")
        distances = found
    return distances
