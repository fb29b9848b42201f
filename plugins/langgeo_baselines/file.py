"""The baseline `file`: distances that are already there, in a finished run or in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from langgeo_baselines.options import FileOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, Run, UserError, read_matrix


class FileDistances:
    """The distances of another run, such as a control of random weights, or of a matrix that somebody published."""

    def __init__(self, options: FileOptions) -> None:
        self._options = options

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Those of the run's languages; a pair that the file lacks is NaN.

        Raises
        ------
        UserError
            If the file or folder cannot be used, or has fewer than two of the languages.
        """
        found = _read(self._options.path, self._options.matrix)
        ids = tuple(language.id for language in context.languages)
        shared = [identifier for identifier in ids if identifier in set(found.ids)]
        if len(shared) < 2:
            known = ", ".join(found.ids[:8])
            message = f"{self._options.path} has fewer than two languages of this run"
            raise UserError(message, f"it has {known}{', …' if len(found.ids) > 8 else ''}")
        values = np.full((len(ids), len(ids)), np.nan)
        np.fill_diagonal(values, 0.0)
        rows = [ids.index(identifier) for identifier in shared]
        values[np.ix_(rows, rows)] = found.subset(shared).values
        return DistanceMatrix(ids, values)


def _read(path: Path, matrix: str | None) -> DistanceMatrix:
    if path.is_dir():
        return Run(path).distances
    return read_matrix(path, name=matrix, skip_unknown=True).distances
