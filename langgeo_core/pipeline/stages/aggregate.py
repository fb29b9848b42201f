"""One distance of two languages from those of every model and corpus, transformed."""

from __future__ import annotations

import numpy as np

from langgeo_core.comparison.transforms import transformed, transformed_replicates
from langgeo_core.contract.types import DistanceMatrix, Incident
from langgeo_core.pipeline.stages.context import Context, by_matrix


def stage_aggregate(context: Context) -> None:
    """distances.csv, aggregated.csv before its transforms, and of replicates replicates/distances.csv."""
    plan, ids = context.plan, tuple(language.id for language in context.plan.languages)
    if plan.matrix:
        aggregated = plan.matrix.distances.subset(ids)
    else:
        aggregated = _aggregated(context, "distances", [name for name, _ in by_matrix(context.cells())], ids)
    _keep(context, aggregated)
    if plan.replicates:
        names = [name for name, _ in by_matrix(cell for cell, _ in context.replicate_cells())]
        replicates = _aggregated(context, "replicates", names)
        transforms = plan.config.choices["transforms"]
        distances = transformed_replicates(transforms, replicates, plan.languages)
        context.write_distances("replicates/distances.csv", distances)


def _aggregated(context: Context, folder: str, names: list[str], ids: tuple[str, ...] = ()) -> DistanceMatrix:
    """One matrix from those of a folder, over these ids, or over all that they have."""
    found = {name: context.distances(f"{folder}/{name}.csv") for name in names}
    everything = ids or tuple(dict.fromkeys(identifier for matrix in found.values() for identifier in matrix.ids))
    matrices = {name: matrix.spread(everything) for name, matrix in found.items()}
    aggregated: DistanceMatrix = context.plan.config.one("aggregators").build().aggregate(matrices)
    return aggregated


def _keep(context: Context, aggregated: DistanceMatrix) -> None:
    """Write the languages that have distances, and find out whether any of these is not zero."""
    ids = aggregated.ids
    alone = np.isnan(aggregated.values).sum(axis=1) == len(ids) - 1
    nowhere = [identifier for identifier, lonely in zip(ids, alone, strict=True) if lonely]
    if nowhere:
        what = "distance" if context.plan.matrix else "model and corpus has statistics"
        message = f"no {what} of {', '.join(nowhere)}; left out from here on"
        context.incidents.append(Incident("aggregate", message))
        aggregated = aggregated.subset([identifier for identifier in ids if identifier not in nowhere])
    transforms = context.plan.config.choices["transforms"]
    if transforms:
        context.write_distances("aggregated.csv", aggregated)
    distances = transformed(transforms, aggregated, context.plan.languages)
    off_diagonal = distances.values[~np.eye(len(distances.ids), dtype=bool)]
    context.facts["status"] = "degenerate" if not np.nansum(off_diagonal) else "done"
    context.write_distances("distances.csv", distances)
