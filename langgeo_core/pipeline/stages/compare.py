"""Statistics and weights to the distances of each model and corpus, of whole texts and of replicates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from safetensors.numpy import save

from langgeo_core.calibration.cells import CellResult
from langgeo_core.comparison.pairwise import Cell, Comparison, Recipe, compare, scopes
from langgeo_core.comparison.weight_matrices import check_parts
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import DistanceMatrix, Layout, replicate_id
from langgeo_core.pipeline.stages.context import USABLE, Context, by_matrix
from langgeo_core.storage.schema import KEPT
from langgeo_core.storage.store import DamagedCellError
from langgeo_core.system.files import replacing
from langgeo_core.system.progress import progress


def stage_compare(context: Context) -> None:
    """distances/<model>--<corpus>.csv and .safetensors, kept.csv; nothing where the distances are in a file."""
    if context.plan.matrix:
        return
    check_parts(
        context.plan.config.settings.parts, {name: _layout(context, name).matrices for name in context.plan.models}
    )
    recipe = Recipe.of(context.plan.config)
    context.facts["signature"] = recipe.form.__name__
    kept: list[dict[str, Any]] = []
    for name, group in by_matrix(context.cells()):
        comparison = _compare_group(context, name, group, recipe)
        context.write_distances(f"distances/{name}.csv", DistanceMatrix(comparison.ids, comparison.distances))
        names = {"languages": comparison.ids, "matrices": [matrix.name for matrix in comparison.matrices]}
        order = {axis: json.dumps(along) for axis, along in names.items()}
        with replacing(context.new(f"distances/{name}.safetensors")) as scratch:
            scratch.write_bytes(save({"partials": comparison.partials, "kept": comparison.kept}, metadata=order))
        kept.extend(_kept_rows(group[0], comparison))
    context.write(KEPT, kept)
    numbers = {cell.statistics: number for cell, number in context.replicate_cells()}
    for name, group in by_matrix(cell for cell, _ in context.replicate_cells()):
        usable = [cell for cell in group if cell.status in USABLE]
        comparison = _compare_group(context, f"{name}, replicates", usable, recipe)
        ids = tuple(replicate_id(cell.language, numbers[cell.statistics]) for cell in usable)
        context.write_distances(f"replicates/{name}.csv", DistanceMatrix(ids, comparison.distances))


def _compare_group(context: Context, name: str, group: list[CellResult], recipe: Recipe) -> Comparison:
    model = group[0].model
    layout = _layout(context, model)
    cells = (_statistics(context, cell, recipe.separable) for cell in group if cell.status in USABLE)
    weights = context.plan.models[model].weights()
    total = sum(len(scope) for scope in scopes(layout, recipe.quantizer.scope))
    with progress(f"compare {name}", total, context.quiet) as advance:
        return compare(cells, layout, weights, recipe, advance=lambda: advance(""))


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


def _kept_rows(cell: CellResult, comparison: Comparison) -> Iterator[dict[str, Any]]:
    for matrix, kept in zip(comparison.matrices, comparison.kept, strict=True):
        described = {key: value for key, value in asdict(matrix).items() if key not in ("name", "input")}
        shares = {"kept_mean": kept.mean(), "kept_min": kept.min(), "kept_max": kept.max()}
        yield {"model": cell.model, "corpus": cell.corpus, "matrix": matrix.name, **described, **shares}
