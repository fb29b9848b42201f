"""One distance of two languages from those of every model and corpus, transformed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from langgeo_core.calibration.cells import CellResult
from langgeo_core.comparison.transforms import transformed, transformed_replicates
from langgeo_core.contract.types import DistanceMatrix, Incident
from langgeo_core.pipeline.stages.cell_tables import REPLICATES, by_matrix, cell_result, cells_of, replicate_rows
from langgeo_core.pipeline.stages.context import Context, earlier
from langgeo_core.storage.tables import read_distances, write_distances


def stage_aggregate(context: Context) -> None:
    """distances.csv, aggregated.csv before its transforms, and of replicates replicates/distances.csv."""
    matrix, ids = context.plan.matrix, tuple(language.id for language in context.plan.languages)
    _keep(context, matrix.distances.subset(ids) if matrix else _aggregated(context, "distances", cells_of(context)))
    names = dict.fromkeys(name for name, _ in by_matrix([cell_result(row) for row in replicate_rows(context)]))
    found = {name: read_distances(earlier(context, f"{REPLICATES}/{name}.csv")) for name in names}
    pieces = tuple(dict.fromkeys(identifier for matrix in found.values() for identifier in matrix.ids))
    if found:
        matrices = {name: matrix.spread(pieces) for name, matrix in found.items()}
        replicates = context.plan.config.one("aggregators").build().aggregate(matrices)
        chosen = context.plan.config.choices["transforms"]
        distances = transformed_replicates(chosen, replicates, context.plan.languages)
        write_distances(context.folder / REPLICATES / "distances.csv", distances)


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
