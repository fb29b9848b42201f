"""One distance of two languages from those of every model and corpus, transformed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from langgeo_core.calibration.cells import CellResult
from langgeo_core.comparison.transforms import transformed, transformed_halves
from langgeo_core.contract.types import DistanceMatrix, Incident
from langgeo_core.pipeline.stages.cell_tables import by_matrix, cell_result, cells_of, part_rows, without_blocks_of
from langgeo_core.pipeline.stages.context import Context, earlier
from langgeo_core.planning.replicates import HALVES
from langgeo_core.storage.tables import read_distances, write_distances


def stage_aggregate(context: Context) -> None:
    """distances.csv, with transforms aggregated.csv, which they were made of; halves.csv and blocks/ where planned."""
    matrix, ids = context.plan.matrix, tuple(language.id for language in context.plan.languages)
    _keep(context, matrix.distances.subset(ids) if matrix else _aggregated(context, "distances", cells_of(context)))
    _aggregate_halves(context)
    _aggregate_blocks(context)


def _aggregate_halves(context: Context) -> None:
    """halves.csv: the halves of every text as the whole texts are aggregated and transformed."""
    names = dict.fromkeys(name for name, _ in by_matrix([cell_result(row) for row in part_rows(context, HALVES)]))
    found = {name: read_distances(earlier(context, f"halves/{name}.csv")) for name in names}
    ids = tuple(dict.fromkeys(identifier for matrix in found.values() for identifier in matrix.ids))
    file = context.folder / "halves.csv"
    if found:
        matrices = {name: matrix.spread(ids) for name, matrix in found.items()}
        halves = context.plan.config.one("aggregators").build().aggregate(matrices)
        chosen = context.plan.config.choices["transforms"]
        write_distances(file, transformed_halves(chosen, halves, context.plan.languages))
    else:
        file.unlink(missing_ok=True)


def _aggregate_blocks(context: Context) -> None:
    """blocks/without-<block>.csv: as distances.csv is made, and over its languages."""
    ids = read_distances(earlier(context, "distances.csv")).ids
    chosen = context.plan.config.choices["transforms"]
    for folder, cells in without_blocks_of(context).items():
        file = context.folder / f"{folder}.csv"
        if cells:
            aggregated = _aggregated(context, folder, cells).subset(ids)
            write_distances(file, transformed(chosen, aggregated, context.plan.languages))
        else:
            file.unlink(missing_ok=True)


def _aggregated(context: Context, folder: str, cells: Sequence[CellResult]) -> DistanceMatrix:
    ids = tuple(language.id for language in context.plan.languages)
    names = dict.fromkeys(name for name, _ in by_matrix(cells))
    files = {name: earlier(context, f"{folder}/{name}.csv") for name in names}
    matrices = {name: read_distances(file).spread(ids) for name, file in files.items()}
    aggregated: DistanceMatrix = context.plan.config.one("aggregators").build().aggregate(matrices)
    return aggregated


def _keep(context: Context, aggregated: DistanceMatrix) -> None:
    """Write the languages that have distances, and find out whether these tell languages apart."""
    ids = aggregated.ids
    nowhere = [identifier for identifier, row in zip(ids, aggregated.values, strict=True) if _lonely(row)]
    if nowhere:
        what = "distance" if context.plan.matrix else "model and corpus has statistics"
        message = f"no {what} of {', '.join(nowhere)}; left out from here on"
        context.incidents.append(Incident("aggregate", message))
        aggregated = aggregated.subset([identifier for identifier in ids if identifier not in nowhere])
    distances = _transformed(context, aggregated)
    off_diagonal = distances.values[~np.eye(len(distances.ids), dtype=bool)]
    context.facts["status"] = "degenerate" if not np.nansum(off_diagonal) else "done"
    write_distances(context.folder / "distances.csv", distances)


def _transformed(context: Context, aggregated: DistanceMatrix) -> DistanceMatrix:
    """What the transforms make of the distances, which are kept in aggregated.csv where there are any."""
    chosen, file = context.plan.config.choices["transforms"], context.folder / "aggregated.csv"
    if chosen:
        write_distances(file, aggregated)
    else:
        file.unlink(missing_ok=True)
    return transformed(chosen, aggregated, context.plan.languages)


def _lonely(row: np.ndarray[Any, Any]) -> bool:
    return int(np.isnan(row).sum()) == len(row) - 1
