"""The baseline `file`: the distances of a finished run or of a file."""

from __future__ import annotations

from collections.abc import Sequence

from langgeo_baselines.options import FileOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, Run, UserError
from langgeo_formats.api import read_matrix


class FileDistances:
    """The distances of another run, such as a control with random weights, or of a published matrix."""

    def __init__(self, options: FileOptions) -> None:
        self._options = options
        self._remarks: list[str] = []

    def remarks(self) -> Sequence[str]:
        """Which names in the file were read as which languages or left out, and how its numbers were changed."""
        return self._remarks

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Those of the run's languages; a pair that the file lacks is NaN.

        Raises
        ------
        UserError
            If the file or folder cannot be read, or has fewer than two of the languages.
        """
        path = self._options.path
        if path.is_dir():
            found = Run(path).distances
        else:
            given = read_matrix(path, name=self._options.matrix, skip_unknown=True, distances=self._options.distances)
            found, self._remarks = given.distances, [note.message for note in given.notes]
        ids = tuple(language.id for language in context.languages)
        shared = [identifier for identifier in ids if identifier in set(found.ids)]
        if len(shared) < 2:
            known = ", ".join(found.ids[:8])
            message = f"{path} has fewer than two languages of this run"
            raise UserError(message, f"it has {known}{', …' if len(found.ids) > 8 else ''}")
        return found.subset(shared).spread(ids)
