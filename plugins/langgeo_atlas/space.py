"""Languages in a space: distances, neighbours, points and classes, from a finished run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Language, Run, UserError


@dataclass(frozen=True, eq=False)
class LanguageSpace:
    """Languages, the distances between them, their points and their classes.

    Parameters
    ----------
    languages : in the order of `distances`
    distances : DistanceMatrix
    coordinates : (languages, axes) float64
    labels : the class of each language per level, such as `labels["branch"]["deu"]`

    Examples
    --------
    >>> space = load_run("runs/starter-small")  # doctest: +SKIP
    >>> space.nearest("deu", 2)  # doctest: +SKIP
    [('rus', 0.0199), ('swe', 0.01995)]
    """

    languages: tuple[Language, ...]
    distances: DistanceMatrix
    coordinates: NDArray[np.float64]
    labels: dict[str, dict[str, str | None]]

    @property
    def ids(self) -> tuple[str, ...]:
        """The language ids."""
        return self.distances.ids

    def distance(self, first: str, second: str) -> float:
        """The distance of two languages; NaN where it is missing."""
        return float(self.distances.values[self._row(first), self._row(second)])

    def nearest(self, language: str, count: int = 5) -> list[tuple[str, float]]:
        """The nearest languages with their distances, the nearest first; missing pairs are left out."""
        row = self._row(language)
        distances = self.distances.values[row]
        order = [index for index in np.argsort(distances, kind="stable") if index != row]
        known = [index for index in order if not np.isnan(distances[index])]
        return [(self.ids[index], float(distances[index])) for index in known[:count]]

    def subset(self, ids: Iterable[str]) -> LanguageSpace:
        """The same space over fewer languages; coordinates are kept as they are."""
        rows = [self._row(identifier) for identifier in ids]
        chosen = [self.ids[row] for row in rows]
        return replace(
            self,
            languages=tuple(self.languages[row] for row in rows),
            distances=self.distances.subset(chosen),
            coordinates=self.coordinates[rows],
            labels={level: {one: classes[one] for one in chosen} for level, classes in self.labels.items()},
        )

    def _row(self, language: str) -> int:
        try:
            return self.ids.index(language)
        except ValueError:
            raise UserError(f"{language!r} is not in this space", f"languages: {', '.join(self.ids)}") from None


def load_run(path: str | Path) -> LanguageSpace:
    """Read a run folder.

    Raises
    ------
    UserError
        If the folder is not a run, or the run has not finished.
    """
    run = Run(path)
    labels = {level: dict(zip(run.distances.ids, classes, strict=True)) for level, classes in run.labels.items()}
    return LanguageSpace(run.languages, run.distances, run.embedding.coordinates, labels)
