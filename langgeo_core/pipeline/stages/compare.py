"""Statistics and weights to the distances of each model and corpus, of whole texts and of replicates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from safetensors.numpy import save

from langgeo_core.calibration.cells import CellResult
from langgeo_core.comparison.pairwise import Comparison, Recipe, compare, scopes
from langgeo_core.comparison.scores import Cell
from langgeo_core.comparison.weight_matrices import check_parts
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import DistanceMatrix, Layout, WeightMatrix, replicate_id
from langgeo_core.pipeline.stages.cell_tables import (
    REPLICATES,
    USABLE,
    by_matrix,
    cell_result,
    cells_of,
    replicate_rows,
)
from langgeo_core.pipeline.stages.context import Context
from langgeo_core.storage.store import DamagedCellError
from langgeo_core.storage.tables import remove_others, write_distances, write_table
from langgeo_core.system.files import replacing
from langgeo_core.system.progress import progress

KEPT_COLUMNS = (
    "model", "corpus", "matrix", "layer", "module", "rows", "columns", "kept_mean", "kept_min", "kept_max",
)  # fmt: skip


def stage_compare(context: Context) -> None:
    """distances/<model>--<corpus>.csv and .safetensors, kept.csv; nothing where the distances are in a file."""
    if context.plan.matrix:
        remove_others(context.folder / "distances", ())
        (context.folder / "kept.csv").unlink(missing_ok=True)
        return
    check_parts(context.plan.config.settings.parts, _matrices(context))
    recipe = Recipe.of(context.plan.config)
    context.facts["signature"] = recipe.form.__name__
    kept: list[dict[str, Any]] = []
    cells = cells_of(context)
    remove_others(context.folder / "distances", [name for name, _ in by_matrix(cells)])
    for name, group in by_matrix(cells):
        comparison = _compare_group(context, name, group, recipe)
        _write_comparison(context, name, comparison)
        kept.extend(_kept_rows(group[0], comparison))
    write_table(context.folder / "kept.csv", KEPT_COLUMNS, kept)
    _compare_replicates(context, recipe)


def _compare_replicates(context: Context, recipe: Recipe) -> None:
    """replicates/<model>--<corpus>.csv, of all replicates of each text; nothing where the plan has none."""
    rows, folder = replicate_rows(context), context.folder / REPLICATES
    number_of = {row["statistics"]: int(row["replicate"]) for row in rows}
    groups = list(by_matrix([cell_result(row) for row in rows]))
    remove_others(folder, ["cells", "distances", *(name for name, _ in groups)])
    for name, group in groups:
        usable = [cell for cell in group if cell.status in USABLE]
        comparison = _compare_group(context, f"{name}, replicates", usable, recipe)
        ids = tuple(replicate_id(cell.language, number_of[cell.statistics]) for cell in usable)
        write_distances(folder / f"{name}.csv", DistanceMatrix(ids, comparison.distances))


def _compare_group(context: Context, name: str, group: list[CellResult], recipe: Recipe) -> Comparison:
    model = group[0].model
    layout = _layout(context, model)
    cells = (_statistics(context, cell, recipe.separable) for cell in group if cell.status in USABLE)
    weights = context.plan.models[model].weights()
    total = sum(len(scope) for scope in scopes(layout, recipe.quantizer.scope))
    with progress(f"compare {name}", total, context.quiet) as shown:
        return compare(cells, layout, weights, recipe, advance=shown.advance)


def _matrices(context: Context) -> dict[str, tuple[WeightMatrix, ...]]:
    return {name: _layout(context, name).matrices for name in context.plan.models}


def _layout(context: Context, model: str) -> Layout:
    layout = context.store.layout(context.plan.model_identities[model].weights_sha256)
    if layout is None:
        raise UserError(f"the store has no layout of {model}", "run again from the stage calibrate")
    return layout


def _statistics(context: Context, cell: CellResult, separable: bool) -> Cell:
    key = cell.statistics.removesuffix(".safetensors")
    hint = "run again from the stage calibrate: the cell will be computed again"
    try:
        record = context.store.find(key)
        if record is None or record.sha256 != cell.sha256:
            raise DamagedCellError(f"the store no longer has the statistics of cells.csv for {key[:12]}…")
        load = context.store.load if separable else context.store.load_weights
        return load(record, cell.language)
    except DamagedCellError as damage:
        raise UserError(f"{cell.model}, {cell.corpus}, {cell.language}: {damage}", hint) from damage


def _write_comparison(context: Context, name: str, comparison: Comparison) -> None:
    folder = context.folder / "distances"
    write_distances(folder / f"{name}.csv", DistanceMatrix(comparison.ids, comparison.distances))
    order = {"languages": json.dumps(comparison.ids), "matrices": json.dumps([m.name for m in comparison.matrices])}
    with replacing(folder / f"{name}.safetensors") as scratch:
        scratch.write_bytes(save({"partials": comparison.partials, "kept": comparison.kept}, metadata=order))


def _kept_rows(cell: CellResult, comparison: Comparison) -> Iterator[dict[str, Any]]:
    for matrix, kept in zip(comparison.matrices, comparison.kept, strict=True):
        described = {key: value for key, value in asdict(matrix).items() if key not in ("name", "input")}
        shares = {"kept_mean": kept.mean(), "kept_min": kept.min(), "kept_max": kept.max()}
        yield {"model": cell.model, "corpus": cell.corpus, "matrix": matrix.name, **described, **shares}
