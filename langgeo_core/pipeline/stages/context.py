"""What every stage works on, and its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from langgeo_core.calibration.cells import CellResult
from langgeo_core.calibration.windows import RunWindows
from langgeo_core.contract.protocols import Executor
from langgeo_core.contract.types import DistanceMatrix, Incident
from langgeo_core.evaluation.baselines import Memo
from langgeo_core.planning.plan import Plan
from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.schema import CELLS, REPLICATE_CELLS, Row, Table, write_distances
from langgeo_core.storage.store import Store
from langgeo_core.system.files import checksums

USABLE = ("calibrated", "reused")


@dataclass
class Context:
    """What a stage works on: the plan, the run folder, the store, and what is to be recorded.

    `written` are the files of the present stage, `files` those of the stages before it with their SHA-256. `keeps` says
    that comparisons are kept in the store, for the run that asked for them; `executors` have the work done elsewhere.
    """

    plan: Plan
    folder: Path
    store: Store
    quiet: bool = False
    keeps: bool = False
    executors: Sequence[Executor] = ()
    incidents: list[Incident] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    memo: Memo | None = None
    written: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)

    @cached_property
    def windows(self) -> RunWindows:
        """The windows of the run's texts, chosen once."""
        return RunWindows(self.plan)

    def new(self, name: str) -> Path:
        """The path of a file that the stage writes now."""
        self.written.add(name)
        return self.folder / name

    def list_files(self) -> None:
        """Take the files that were written now into the list of run.json."""
        self.files |= checksums(self.folder, sorted(self.written))
        self.written.clear()

    def write(self, table: Table, rows: Iterable[Mapping[str, Any]], more: Iterable[str] = ()) -> None:
        """Write a table of the run; `more` are columns beyond those of its schema."""
        table.write(self.new(table.name), rows, more)

    def write_distances(self, name: str, matrix: DistanceMatrix) -> None:
        """Write a square matrix."""
        write_distances(self.new(name), matrix)

    @property
    def run(self) -> Run:
        """The run folder as the earlier stages have left it."""
        return Run(self.folder, finished=False)

    def cells(self) -> list[CellResult]:
        """The cells of the whole texts."""
        return [CellResult(**row) for row in self.run.rows(CELLS)]

    def replicate_cells(self) -> list[tuple[CellResult, int]]:
        """The cells of replicates, each with its number; none where the plan has no replicates."""
        rows: list[Row] = self.run.rows(REPLICATE_CELLS) if self.plan.replicates else []
        return [(CellResult(**row), number) for row in rows for number in (row.pop("replicate"),)]


def by_matrix(cells: Iterable[CellResult]) -> Iterator[tuple[str, list[CellResult]]]:
    """The cells of each model and corpus, under the name of their matrix."""
    for (model, corpus), group in groupby(cells, key=lambda cell: (cell.model, cell.corpus)):
        yield f"{model}--{corpus}", list(group)
