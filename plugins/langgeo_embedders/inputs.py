"""What every embedder here asks of its distances, and what it gives back.

All work in the order of the ids, so that what is random falls to the same languages in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Embedding, NumericalError

Float64 = NDArray[np.float64]


def complete_values(embedder: str, distances: DistanceMatrix) -> Float64:
    """A writable copy of the distances in the order of the ids, (n, n).

    Raises
    ------
    NumericalError
        If pairs are missing; it names the languages to leave out.
    """
    distances.require_complete(embedder)
    return distances.subset(sorted(distances.ids)).values.copy()


def embedded(distances: DistanceMatrix, coordinates: Float64, notes: Mapping[str, float]) -> Embedding:
    """Coordinates in the order of the ids (n, axes), put back into the order of the languages."""
    place = np.argsort(np.argsort(distances.ids))
    return Embedding(distances.ids, coordinates[place], notes=notes)


def check_enough(embedder: str, languages: int, least: int) -> None:
    """Refuse a map of fewer than `least` languages.

    Raises
    ------
    NumericalError
        If there are fewer.
    """
    if languages < least:
        raise NumericalError(
            f"{embedder} needs at least {least} languages with these options, and there are {languages}",
            "choose the embedder torgerson or smacof, or add languages",
        )


def without_axes(distances: DistanceMatrix) -> Embedding:
    """All languages at one point: what is left where every distance is zero."""
    return Embedding(distances.ids, np.empty((len(distances.ids), 0)))
