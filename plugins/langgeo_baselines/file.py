"""The baseline `file`: the distances of a finished run or of a file."""

from __future__ import annotations

from langgeo_baselines.options import FileOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, Run, UserError
from langgeo_formats.api import read_matrix


class FileDistances:
    """The distances of another run, such as a control with random weights, or of a published matrix."""

    def __init__(self, options: FileOptions) -> None:
        self._options = options

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
            found = read_matrix(path, name=self._options.matrix, skip_unknown=True).distances
        ids = tuple(language.id for language in context.languages)
        shared = [identifier for identifier in ids if identifier in set(found.ids)]
        if len(shared) < 2:
            known = ", ".join(found.ids[:8])
            message = f"{path} has fewer than two languages of this run"
            raise UserError(message, f"it has {known}{', …' if len(found.ids) > 8 else ''}")
        return found.subset(shared).spread(ids)
