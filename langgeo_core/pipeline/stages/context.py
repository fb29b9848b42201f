"""What every stage works on, and its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from langgeo_core.calibration.cells import CellResult
from langgeo_core.calibration.windows import RunWindows
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import DistanceMatrix, Incident
from langgeo_core.evaluation.baselines import Memo
from langgeo_core.planning.plan import Plan
from langgeo_core.storage.schema import CELLS, REPLICATE_CELLS, Row, Table, read_distances, write_distances
from langgeo_core.storage.store import Store

USABLE = ("calibrated", "reused")


@dataclass
class Context:
    """What a stage works on: the plan, the run folder, the store, and what is to be recorded.

    `written` are the files of the present stage.
    """

    plan: Plan
    folder: Path
    store: Store
    quiet: bool = False
    incidents: list[Incident] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    memo: Memo | None = None
    written: set[Path] = field(default_factory=set)

    @cached_property
    def windows(self) -> RunWindows:
        """The windows of the run's texts, chosen once."""
        return RunWindows(self.plan)

    def new(self, name: str) -> Path:
        """The path of a file that the stage writes now."""
        self.written.add(self.folder / name)
        return self.folder / name

    def write(self, table: Table, rows: Iterable[Mapping[str, Any]], more: Iterable[str] = ()) -> None:
        """Write a table of the run; `more` are columns beyond those of its schema."""
        table.write(self.new(table.name), rows, more)

    def write_distances(self, name: str, matrix: DistanceMatrix) -> None:
        """Write a square matrix."""
        write_distances(self.new(name), matrix)

    def earlier(self, name: str) -> Path:
        """A file of an earlier stage."""
        file = self.folder / name
        if not file.is_file():
            raise UserError(f"{self.folder} has no {name}, which an earlier stage writes", "remove --from")
        return file

    def distances(self, name: str) -> DistanceMatrix:
        """The matrix of an earlier stage."""
        return read_distances(self.earlier(name))

    def cells(self) -> list[CellResult]:
        """The cells of the whole texts."""
        return [CellResult(**row) for row in CELLS.read(self.earlier(CELLS.name))]

    def replicate_cells(self) -> list[tuple[CellResult, int]]:
        """The cells of replicates, each with its number; none where the plan has no replicates."""
        rows: list[Row] = REPLICATE_CELLS.read(self.earlier(REPLICATE_CELLS.name)) if self.plan.replicates else []
        return [(CellResult(**row), number) for row in rows for number in (row.pop("replicate"),)]


def by_matrix(cells: Iterable[CellResult]) -> Iterator[tuple[str, list[CellResult]]]:
    """The cells of each model and corpus, under the name of their matrix."""
    for (model, corpus), group in groupby(cells, key=lambda cell: (cell.model, cell.corpus)):
        yield f"{model}--{corpus}", list(group)
