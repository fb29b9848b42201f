"""cells.csv and replicates/cells.csv: written by calibrate, read by later stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from langgeo_core.calibration.cells import CellResult
from langgeo_core.pipeline.stages.context import Context, earlier
from langgeo_core.storage.tables import read_table

CELL_COLUMNS = ("model", "corpus", "language", "status", "tokens", "seconds", "statistics", "sha256")
USABLE = ("calibrated", "reused")
REPLICATES = "replicates"
"""The folder of what is measured on replicates of the texts."""


def by_matrix(cells: Sequence[CellResult]) -> Iterator[tuple[str, list[CellResult]]]:
    """The cells of each model and corpus, under the name of their matrix."""
    for (model, corpus), group in groupby(cells, key=lambda cell: (cell.model, cell.corpus)):
        yield f"{model}--{corpus}", list(group)


def cells_of(context: Context) -> list[CellResult]:
    """The cells of the whole texts, from cells.csv."""
    rows = read_table(earlier(context, "cells.csv"))
    return [cell_result(row) for row in rows]


def replicate_rows(context: Context) -> list[dict[str, str]]:
    """The rows of replicates/cells.csv; none where the plan has no replicates."""
    return read_table(earlier(context, f"{REPLICATES}/cells.csv")) if context.plan.replicates else []


def cell_result(row: dict[str, str]) -> CellResult:
    """A row of either file as a value."""
    return CellResult(
        row["model"],
        row["corpus"],
        row["language"],
        row["status"],
        int(row["tokens"]),
        float(row["seconds"]),
        row["statistics"],
        row["sha256"],
    )
