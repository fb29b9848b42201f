"""cells.csv, half_cells.csv and block_cells.csv: written by calibrate, read by later stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from langgeo_core.calibration.cells import CellResult
from langgeo_core.pipeline.stages.context import Context, earlier
from langgeo_core.planning.replicates import BLOCKS, Division
from langgeo_core.storage.tables import read_table

CELL_COLUMNS = ("model", "corpus", "language", "status", "tokens", "seconds", "statistics", "sha256")
USABLE = ("calibrated", "reused")
WITHOUT_BLOCK = tuple(f"blocks/without-{block}" for block in range(BLOCKS.pieces))


def by_matrix(cells: Sequence[CellResult]) -> Iterator[tuple[str, list[CellResult]]]:
    """The cells of each model and corpus, under the name of their matrix."""
    for (model, corpus), group in groupby(cells, key=lambda cell: (cell.model, cell.corpus)):
        yield f"{model}--{corpus}", list(group)


def cells_of(context: Context) -> list[CellResult]:
    """The cells of the whole texts, from cells.csv."""
    rows = read_table(earlier(context, "cells.csv"))
    return [cell_result(row) for row in rows]


def without_blocks_of(context: Context) -> dict[str, list[CellResult]]:
    """The cells that read their texts without each block, by the folder of their distances."""
    rows = part_rows(context, BLOCKS)
    return {
        folder: [cell_result(row) for row in rows if int(row[BLOCKS.name]) == block]
        for block, folder in enumerate(WITHOUT_BLOCK)
    }


def part_rows(context: Context, division: Division) -> list[dict[str, str]]:
    """The rows of half_cells.csv or block_cells.csv; none where the plan has no such parts."""
    planned = context.plan.parts_of(division)
    return read_table(earlier(context, f"{division.name}_cells.csv")) if planned else []


def cell_result(row: dict[str, str]) -> CellResult:
    """A row of any of the three files as a value."""
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
