"""The exporters: a file each in the folder `exports` of the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from langgeo_core.api import DistanceMatrix, Run
from langgeo_formats.labels import labels
from langgeo_formats.options import FormatOptions
from langgeo_formats.writers import Float64, as_csv, as_json, as_newick, as_nexus, as_phylip

FOLDER = "exports"


class Format:
    """Writes one file; a subclass says its name and its text."""

    file = ""

    def __init__(self, options: FormatOptions) -> None:
        self._options = options

    def export(self, run: Run) -> list[Path]:
        """Write `exports/<file>` in the run folder."""
        target = run.path / FOLDER / self.file
        target.parent.mkdir(exist_ok=True)
        target.write_text(self.text(run, labels(run, self._options.names)), encoding="utf-8")
        return [target]

    def text(self, run: Run, names: list[str]) -> str:
        """What the file holds, languages called by the names."""
        raise NotImplementedError


class CsvExporter(Format):
    """`distances.csv`."""

    file = "distances.csv"

    def text(self, run: Run, names: list[str]) -> str:
        return as_csv(names, run.distances.values)


class PhylipExporter(Format):
    """`distances.phy`."""

    file = "distances.phy"

    def text(self, run: Run, names: list[str]) -> str:
        return as_phylip(names, run.distances.values)


class NexusExporter(Format):
    """`distances.nex`."""

    file = "distances.nex"

    def text(self, run: Run, names: list[str]) -> str:
        return as_nexus(names, run.distances.values)


class JsonExporter(Format):
    """`distances.json`: every matrix over all languages of the run, NaN where it lacks one."""

    file = "distances.json"

    def text(self, run: Run, names: list[str]) -> str:
        ids = run.distances.ids
        matrices = {name: spread(matrix, ids) for name, matrix in run.cell_distances.items()}
        return as_json(names, run.distances.values, matrices)


def spread(matrix: DistanceMatrix, ids: tuple[str, ...]) -> Float64:
    """(n, n) over the ids, NaN where the matrix lacks one; languages that are not among them are left out."""
    place = {identifier: index for index, identifier in enumerate(matrix.ids)}
    present = [index for index, identifier in enumerate(ids) if identifier in place]
    rows = [place[ids[index]] for index in present]
    values = np.full((len(ids), len(ids)), np.nan)
    values[np.ix_(present, present)] = matrix.values[np.ix_(rows, rows)]
    return values


class NewickExporter(Format):
    """`tree.nwk`."""

    file = "tree.nwk"

    def text(self, run: Run, names: list[str]) -> str:
        """Raises NumericalError where a pair is missing."""
        run.distances.require_complete("the exporter newick")
        return as_newick(names, run.distances.values)
