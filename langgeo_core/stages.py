"""The stages after calibration. Each reads files of earlier stages from the run folder and writes its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from langgeo_core.baselines import Memo, run_baselines
from langgeo_core.calibration.stage import CellResult, calibrate
from langgeo_core.clustering import cluster, evaluate, evaluation, labels_for
from langgeo_core.compare import Comparison, Recipe, compare, scopes
from langgeo_core.errors import UserError
from langgeo_core.files import replacing, write_text
from langgeo_core.k_sweep import COLUMNS as SWEEP_COLUMNS, k_sweep
from langgeo_core.network_distances import network_parts
from langgeo_core.network_parts import check_parts
from langgeo_core.parts import Excess, excess_over
from langgeo_core.plan import Plan, language_rows
from langgeo_core.progress import progress
from langgeo_core.reliability.halves import half_id
from langgeo_core.reliability.rows import (
    LANGUAGE_COLUMNS,
    agreement_metrics,
    half_metrics,
    language_rows as reliability_rows,
)
from langgeo_core.runs import Run, read_distances, read_table
from langgeo_core.scoring import Cell
from langgeo_core.store import DamagedCellError, Store
from langgeo_core.tables import write_distances, write_table
from langgeo_core.text_parts import BLOCKS, HALVES, Division, piece_of
from langgeo_core.transforms import transformed, transformed_halves
from langgeo_core.types import Clustering, DistanceMatrix, Incident, Layout, Metric, WeightMatrix

CELL_COLUMNS = ("model", "corpus", "language", "status", "tokens", "seconds", "statistics", "sha256")
KEPT_COLUMNS = (
    "model", "corpus", "matrix", "layer", "module", "rows", "columns", "kept_mean", "kept_min", "kept_max",
)  # fmt: skip
CLUSTER_COLUMNS = ("language", "clusterer", "level", "k", "seed", "cluster")
METRIC_COLUMNS = (
    "source", "evaluator", "clusterer", "level", "metric", "value", "sd", "seeds", "null_mean", "null_sd", "p",
    "ci_low", "ci_high", "n", "k", "script_null_mean", "script_null_sd", "script_p", "distinct", "distinct_n",
)  # fmt: skip
EXCESS_COLUMNS = ("baseline", "evaluator", "clusterer", "level", "metric", "delta", "low", "high", "p", "n")
WITHOUT_BLOCK = tuple(f"blocks/without-{block}" for block in range(BLOCKS.pieces))
USABLE = ("calibrated", "reused")


@dataclass
class Context:
    """What a stage works on: the plan, the run folder, the store, and what is to be recorded."""

    plan: Plan
    folder: Path
    store: Store
    quiet: bool = False
    incidents: list[Incident] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    memo: Memo | None = None


def stage_calibrate(context: Context) -> None:
    """languages.csv and cells.csv."""
    plan = context.plan
    rows = language_rows(plan.languages)
    write_table(context.folder / "languages.csv", list(rows[0]), rows)
    calibrated = calibrate(replace(plan, cells=(*plan.cells, *plan.parts)), context.store, context.quiet)
    context.incidents.extend(calibrated.incidents)
    whole, parts = calibrated.cells[: len(plan.cells)], calibrated.cells[len(plan.cells) :]
    write_table(context.folder / "cells.csv", CELL_COLUMNS, [vars(cell) for cell in whole])
    for division in (HALVES, BLOCKS):
        _write_parts(context, division, parts)
    count = [cell.status for cell in calibrated.cells].count
    context.facts.update(cells_calibrated=count("calibrated"), cells_reused=count("reused"))
    _check_enough(whole)


def _write_parts(context: Context, division: Division, results: Sequence[CellResult]) -> None:
    """half_cells.csv or block_cells.csv; none where the plan has no such parts, whatever another config left."""
    found = zip(results, context.plan.parts, strict=True)
    rows = [{**vars(one), division.name: piece_of(cell.part)} for one, cell in found if cell.part in division.parts]
    file = context.folder / f"{division.name}_cells.csv"
    if rows:
        write_table(file, (*CELL_COLUMNS, division.name), rows)
    else:
        file.unlink(missing_ok=True)


def _check_enough(cells: Sequence[CellResult]) -> None:
    for name, group in _by_matrix(cells):
        usable = [cell.language for cell in group if cell.status in USABLE]
        if len(usable) < 2:
            raise UserError(
                f"{name} has too few languages with statistics ({', '.join(usable) or 'none'}); distances need two",
                "see cells.csv for what was skipped or missing",
            )


def _by_matrix(cells: Sequence[CellResult]) -> Iterator[tuple[str, list[CellResult]]]:
    for (model, corpus), group in groupby(cells, key=lambda cell: (cell.model, cell.corpus)):
        yield f"{model}--{corpus}", list(group)


def stage_compare(context: Context) -> None:
    """distances/<model>--<corpus>.csv and .safetensors, kept.csv; nothing where the distances are in a file."""
    if context.plan.matrix:
        for name in ("distances", "halves", *WITHOUT_BLOCK):
            _remove_others(context.folder / name, set())
        (context.folder / "kept.csv").unlink(missing_ok=True)
        return
    check_parts(context.plan.config.settings.parts, _matrices(context))
    recipe = Recipe.of(context.plan.config)
    context.facts["signature"] = recipe.form.__name__
    kept: list[dict[str, Any]] = []
    cells = _cells(context)
    _remove_others(context.folder / "distances", {name for name, _ in _by_matrix(cells)})
    for name, group in _by_matrix(cells):
        comparison = _compare_group(context, name, group, recipe)
        _write_comparison(context, name, comparison)
        kept.extend(_kept_rows(group[0], comparison))
    write_table(context.folder / "kept.csv", KEPT_COLUMNS, kept)
    _compare_halves(context, recipe)
    _compare_blocks(context, recipe)


def _compare_halves(context: Context, recipe: Recipe) -> None:
    """halves/<model>--<corpus>.csv, of both halves of each text; nothing where the plan has no halves."""
    rows = _part_rows(context, HALVES)
    half_of = {row["statistics"]: int(row["half"]) for row in rows}
    groups = list(_by_matrix([_cell_result(row) for row in rows]))
    _remove_others(context.folder / "halves", {name for name, _ in groups})
    for name, group in groups:
        usable = [cell for cell in group if cell.status in USABLE]
        comparison = _compare_group(context, name, usable, recipe)
        ids = tuple(half_id(cell.language, half_of[cell.statistics]) for cell in usable)
        write_distances(context.folder / "halves" / f"{name}.csv", DistanceMatrix(ids, comparison.distances))


def _compare_blocks(context: Context, recipe: Recipe) -> None:
    """blocks/without-<block>/<model>--<corpus>.csv, as distances/; nothing where the plan has no blocks."""
    for folder, cells in _without_blocks(context).items():
        groups = list(_by_matrix(cells))
        _remove_others(context.folder / folder, {name for name, _ in groups})
        for name, group in groups:
            comparison = _compare_group(context, f"{name}, {folder}", group, recipe)
            matrix = DistanceMatrix(comparison.ids, comparison.distances)
            write_distances(context.folder / folder / f"{name}.csv", matrix)


def _without_blocks(context: Context) -> dict[str, list[CellResult]]:
    """The cells that read their texts without each block, by the folder of their distances."""
    rows = _part_rows(context, BLOCKS)
    return {
        folder: [_cell_result(row) for row in rows if int(row[BLOCKS.name]) == block]
        for block, folder in enumerate(WITHOUT_BLOCK)
    }


def _part_rows(context: Context, division: Division) -> list[dict[str, str]]:
    planned = context.plan.parts_of(division)
    return read_table(_earlier(context, f"{division.name}_cells.csv")) if planned else []


def _remove_others(folder: Path, names: set[str]) -> None:
    """Matrices of another config that held the run folder before would be read as this run's."""
    for file in folder.glob("*"):
        if file.suffix in (".csv", ".safetensors") and file.stem not in names:
            file.unlink()


def _cells(context: Context) -> list[CellResult]:
    rows = read_table(_earlier(context, "cells.csv"))
    return [_cell_result(row) for row in rows]


def _earlier(context: Context, name: str) -> Path:
    """A file of an earlier stage."""
    file = context.folder / name
    if not file.is_file():
        raise UserError(f"{context.folder} has no {name}, which an earlier stage writes", "leave --from out")
    return file


def _cell_result(row: dict[str, str]) -> CellResult:
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
    hint = "run again from the stage calibrate: the cell is then computed anew"
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


def stage_aggregate(context: Context) -> None:
    """distances.csv, with transforms aggregated.csv, which they were made of; halves.csv and blocks/ where planned."""
    matrix, ids = context.plan.matrix, tuple(language.id for language in context.plan.languages)
    _keep(context, matrix.distances.subset(ids) if matrix else _aggregated(context, "distances", _cells(context)))
    _aggregate_halves(context)
    _aggregate_blocks(context)


def _aggregate_halves(context: Context) -> None:
    """halves.csv: the halves of every text as the whole texts are aggregated and transformed."""
    names = dict.fromkeys(name for name, _ in _by_matrix([_cell_result(row) for row in _part_rows(context, HALVES)]))
    found = {name: read_distances(_earlier(context, f"halves/{name}.csv")) for name in names}
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
    ids = read_distances(_earlier(context, "distances.csv")).ids
    chosen = context.plan.config.choices["transforms"]
    for folder, cells in _without_blocks(context).items():
        file = context.folder / f"{folder}.csv"
        if cells:
            aggregated = _aggregated(context, folder, cells).subset(ids)
            write_distances(file, transformed(chosen, aggregated, context.plan.languages))
        else:
            file.unlink(missing_ok=True)


def _aggregated(context: Context, folder: str, cells: Sequence[CellResult]) -> DistanceMatrix:
    ids = tuple(language.id for language in context.plan.languages)
    names = dict.fromkeys(name for name, _ in _by_matrix(cells))
    files = {name: _earlier(context, f"{folder}/{name}.csv") for name in names}
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


def stage_embed(context: Context) -> None:
    """embedding.csv and embedding.json."""
    distances = read_distances(_earlier(context, "distances.csv"))
    embedding = context.plan.config.one("embedders").build().embed(distances)
    axes = [f"axis_{number + 1}" for number in range(embedding.coordinates.shape[1])]
    rows = [
        {"language": identifier, **dict(zip(axes, point, strict=True))}
        for identifier, point in zip(embedding.ids, embedding.coordinates, strict=True)
    ]
    write_table(context.folder / "embedding.csv", ["language", *axes], rows)
    notes = {"eigenvalues": embedding.eigenvalues.tolist(), **embedding.notes}
    write_text(context.folder / "embedding.json", json.dumps(notes, indent=1))


def stage_cluster(context: Context) -> None:
    """labels.json and clusters.csv."""
    embedding = Run(context.folder).embedding
    labels = labels_for(context.plan, embedding.ids)
    write_text(context.folder / "labels.json", json.dumps(labels, ensure_ascii=False, indent=1))
    clusterings = cluster(context.plan, embedding, labels)
    rows = [row for clustering in clusterings for row in _cluster_rows(clustering)]
    write_table(context.folder / "clusters.csv", CLUSTER_COLUMNS, rows)


def _cluster_rows(clustering: Clustering) -> Iterator[dict[str, Any]]:
    made = {key: getattr(clustering, key) for key in ("clusterer", "level", "k", "seed")}
    for identifier, label in zip(clustering.ids, clustering.labels, strict=True):
        yield {"language": identifier, **made, "cluster": int(label)}


def stage_evaluate(context: Context) -> None:
    """metrics.csv, comparisons.csv, k_sweep.csv, baselines/<name>.csv, and reliability.csv where there are halves."""
    run = Run(context.folder)
    baselines = run_baselines(context.plan, run.distances.ids, context.folder / "baselines", context.memo)
    context.incidents.extend(baselines.incidents)
    given = evaluation(context.plan, run.distances, run.embedding, run.clusterings, run.labels)
    parts = network_parts(run, context.plan)
    metrics = evaluate(
        context.plan, replace(given, baselines=baselines.distances, parts=parts, without_blocks=run.without_blocks)
    )
    metrics.extend(_reliability(context, run))
    rows = [asdict(metric) for metric in (*metrics, *baselines.metrics)]
    write_table(context.folder / "metrics.csv", METRIC_COLUMNS, rows)
    chosen = context.plan.config.choices["evaluators"]
    found = excess_over(chosen, given, baselines.evaluations)
    excesses = [_excess_row(name, excess) for name, rows in found.items() for excess in rows]
    write_table(context.folder / "comparisons.csv", EXCESS_COLUMNS, excesses)
    other_k = k_sweep(context.plan.config.choices["clusterers"], chosen, given)
    write_table(context.folder / "k_sweep.csv", SWEEP_COLUMNS, other_k)


def _excess_row(baseline: str, excess: Excess) -> dict[str, Any]:
    evaluator, level, clusterer, metric = excess.question
    values = (baseline, evaluator, clusterer, level, metric, *astuple(excess.difference), excess.n)
    return dict(zip(EXCESS_COLUMNS, values, strict=True))


def _reliability(context: Context, run: Run) -> list[Metric]:
    """What halves of texts, models and corpora say of each other; reliability.csv for each language."""
    cells = {(cell.model, cell.corpus): f"{cell.model}--{cell.corpus}" for cell in context.plan.cells}
    matrices = {pair: read_distances(_earlier(context, f"distances/{name}.csv")) for pair, name in cells.items()}
    metrics = agreement_metrics(matrices) if len(matrices) > 1 else []
    file = context.folder / "reliability.csv"
    if not context.plan.parts_of(HALVES):
        file.unlink(missing_ok=True)
        return metrics
    halves = read_distances(_earlier(context, "halves.csv"))
    write_table(file, LANGUAGE_COLUMNS, reliability_rows(halves))
    return [*half_metrics(halves, context.plan.config.settings.seed), *metrics]


def stage_report(context: Context) -> None:
    """Whatever the exporters write."""
    run = Run(context.folder)
    for chosen in context.plan.config.choices["exporters"]:
        written = chosen.build().export(run)
        context.facts.setdefault("exported", {})[chosen.name] = [str(file.relative_to(run.path)) for file in written]


Stage = Callable[[Context], None]

STAGES: dict[str, Stage] = {
    "calibrate": stage_calibrate,
    "compare": stage_compare,
    "aggregate": stage_aggregate,
    "embed": stage_embed,
    "cluster": stage_cluster,
    "evaluate": stage_evaluate,
    "report": stage_report,
}
