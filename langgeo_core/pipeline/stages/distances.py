"""The stages from texts to one distance of every two languages: calibrate, compare, aggregate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from itertools import chain
from typing import Any

import numpy as np
from safetensors.numpy import save

from langgeo_core.calibration.cells import CellResult, calibrate
from langgeo_core.comparison.pairwise import Cell, Comparison, Recipe, compare, scopes
from langgeo_core.comparison.transforms import euclidean, reader_of_replicates, transformed, transformed_replicates
from langgeo_core.config.schema import PartsSettings
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.protocols import ComparingExecutor
from langgeo_core.contract.records import Scorer
from langgeo_core.contract.types import SUMMED, DistanceMatrix, Incident, Layout, replicate_id
from langgeo_core.pipeline.stages.context import USABLE, Context, by_matrix
from langgeo_core.planning.needs import Needs, check_parts
from langgeo_core.planning.plan import language_rows
from langgeo_core.storage.schema import CELLS, KEPT, LANGUAGES, REPLICATE_CELLS
from langgeo_core.storage.store import DamagedCellError
from langgeo_core.system.files import digest, replacing
from langgeo_core.system.progress import progress

COMPARISON_VERSION = 1
"""Raised whenever the same cells would give another comparison."""


def stage_calibrate(context: Context) -> None:
    """languages.csv and cells.csv, and of replicates replicates/cells.csv."""
    plan = context.plan
    context.write(LANGUAGES, language_rows(plan.languages))
    elsewhere = [one.elsewhere(plan, context.store, context.folder, context.quiet) for one in context.executors]
    calibrated = calibrate(plan, context.store, context.windows, context.quiet, *elsewhere)
    context.incidents.extend(calibrated.incidents)
    context.write(CELLS, [vars(cell) for cell in calibrated.cells])
    if plan.replicates:
        found = zip(calibrated.replicates, plan.replicates, strict=True)
        context.write(REPLICATE_CELLS, [{**vars(result), "replicate": cell.replicate} for result, cell in found])
    count = [cell.status for cell in (*calibrated.cells, *calibrated.replicates)].count
    context.facts.update(cells_calibrated=count("calibrated"), cells_reused=count("reused"))
    for name, group in by_matrix(calibrated.cells):
        usable = [cell.language for cell in group if cell.status in USABLE]
        if len(usable) < 2:
            raise UserError(
                f"{name} has too few languages with statistics ({', '.join(usable) or 'none'}); distances need two",
                "see cells.csv for what was skipped or missing",
            )


def stage_compare(context: Context) -> None:
    """distances/<model>--<corpus>.csv and .safetensors, kept.csv; nothing where the distances are in a file."""
    if context.plan.matrix:
        return
    config, recipe = context.plan.config, Recipe.of(context.plan.config)
    needs = Needs.of(config)
    whole = {name: needs.whole.layout(name, _layout(context, name)).matrices for name in context.plan.models}
    check_parts(config.settings.parts, whole)
    only = needs != needs.whole
    recipe = replace(recipe, parts=PartsSettings()) if only else recipe
    context.facts.update(signature=recipe.form.__name__, compared="parts" if only else "whole")
    numbers = {cell.statistics: number for cell, number in context.replicate_cells()}
    wholes = [_Group(context, recipe, name, group) for name, group in by_matrix(context.cells())]
    replicated = by_matrix(cell for cell, _ in context.replicate_cells())
    replicates = [_Group(context, recipe, name, group, replicates=True) for name, group in replicated]
    wanted = dict.fromkeys((one.model, one.corpus) for one in (*wholes, *replicates) if one.kept() is None)
    for executor in context.executors:
        if len(wanted) > 1 and isinstance(executor, ComparingExecutor):
            executor.compare(context.plan, context.store, context.folder, context.quiet, wanted)
    kept: list[dict[str, Any]] = []
    for one in wholes:
        comparison = one.compared()
        context.write_distances(f"distances/{one.name}.csv", DistanceMatrix(comparison.ids, comparison.distances))
        names = {"languages": comparison.ids, "matrices": [matrix.name for matrix in comparison.matrices]}
        order = {axis: json.dumps(along) for axis, along in names.items()}
        with replacing(context.new(f"distances/{one.name}.safetensors")) as scratch:
            scratch.write_bytes(save({"partials": comparison.partials, "kept": comparison.kept}, metadata=order))
        for matrix, shares in zip(comparison.matrices, comparison.kept, strict=True):
            row = {"model": one.model, "corpus": one.corpus, "matrix": matrix.name, **asdict(matrix)}
            kept.append({**row, "kept_mean": shares.mean(), "kept_min": shares.min(), "kept_max": shares.max()})
    context.write(KEPT, kept)
    for one in replicates:
        ids = tuple(replicate_id(cell.language, numbers[cell.statistics]) for cell in one.cells)
        context.write_distances(f"replicates/{one.name}.csv", DistanceMatrix(ids, one.compared().distances))


class _Group:
    """The cells of one model and corpus that are compared: of the whole texts, or of replicates."""

    def __init__(
        self, context: Context, recipe: Recipe, name: str, cells: list[CellResult], replicates: bool = False
    ) -> None:
        self.name, self.cells = name, [cell for cell in cells if cell.status in USABLE]
        self.model, self.corpus = cells[0].model, cells[0].corpus
        self._context, self._recipe, self._replicates = context, recipe, replicates
        config = context.plan.config
        self._layout = Needs.of(config).layout(self.model, _layout(context, self.model))
        made_by = [one for kind in ("scorers", "quantizers", "distances") for one in config.choices[kind]]
        depends = {
            "comparison": COMPARISON_VERSION,
            "made by": [[one.component.name, *asdict(one.origin).values(), str(one.options)] for one in made_by],
            "weights": context.plan.model_identities[self.model].weights_sha256,
            "matrices": [matrix.name for matrix in self._layout.matrices],
            "parts": recipe.parts.model_dump(mode="json"),
            "cells": [[cell.language, cell.sha256] for cell in self.cells],
            "replicates": replicates,
        }
        self._key, self._damaged = digest(depends), False

    def kept(self) -> Comparison | None:
        """What a run or a worker has kept in the store; None, with an incident, if that is damaged."""
        found, incidents = None, self._context.incidents
        try:
            found = self._context.store.kept(self._key)
        except DamagedCellError as damage:
            what = f"{self.name}{', replicates' * self._replicates}"
            incident = Incident("compare", f"the comparison of {what}: {damage}; made again")
            incidents.extend([incident] if incident not in incidents else [])
            self._damaged = True
        if found is None:
            return None
        return Comparison(tuple(cell.language for cell in self.cells), self._layout.matrices, **found)

    def compared(self) -> Comparison:
        """What is kept, or made here."""
        if found := self.kept():
            return found
        context, recipe = self._context, self._recipe
        weights = context.plan.models[self.model].weights()
        cells = (_statistics(context, cell, recipe.separable) for cell in self.cells)
        total = sum(len(scope) for scope in scopes(self._layout, recipe.quantizer.scope))
        with progress(f"compare {self.name}{', replicates' * self._replicates}", total, context.quiet) as advance:
            made = compare(cells, self._layout, weights, recipe, advance=lambda: advance(""), keep=not self._replicates)
        if context.keeps or self._damaged:
            context.store.keep(self._key, {name: getattr(made, name) for name in ("partials", "kept", "distances")})
        return made


def _layout(context: Context, model: str) -> Layout:
    try:
        layout = context.store.layout(context.plan.model_identities[model].weights_sha256)
        if layout is None:
            raise DamagedCellError("the store has none")
    except DamagedCellError as damage:
        raise UserError(f"the layout of {model}: {damage}", "run again from the stage calibrate") from damage
    return layout


def _statistics(context: Context, cell: CellResult, separable: bool) -> Cell:
    key = cell.statistics.removesuffix(".safetensors")
    hint = "run again from the stage calibrate: the cell will be computed again"
    try:
        record = context.store.find(key)
        if record is None or record.sha256 != cell.sha256:
            raise DamagedCellError(f"the store no longer has the statistics of cells.csv for {key[:12]}…")
        if not separable:
            return context.store.load_weights(record, cell.language)
        scorer = context.plan.config.one("scorers").component
        return context.store.load(record, cell.language, (isinstance(scorer, Scorer) and scorer.statistics) or SUMMED)
    except DamagedCellError as damage:
        raise UserError(f"{cell.model}, {cell.corpus}, {cell.language}: {damage}", hint) from damage


def stage_aggregate(context: Context) -> None:
    """distances.csv, aggregated.csv before its transforms, and of replicates replicates/distances.csv."""
    plan, ids = context.plan, tuple(language.id for language in context.plan.languages)
    transforms = plan.config.choices["transforms"]
    if plan.matrix:
        aggregated = plan.matrix.distances.subset(ids)
    else:
        aggregated = _aggregated(context, _matrices(context, "distances", context.cells()), ids)
    alone = np.isnan(aggregated.values).sum(axis=1) == len(aggregated.ids) - 1
    if nowhere := [identifier for identifier, lonely in zip(aggregated.ids, alone, strict=True) if lonely]:
        what = "distance" if plan.matrix else "model and corpus has statistics"
        message = f"no {what} of {', '.join(nowhere)}; left out from here on"
        context.incidents.append(Incident("aggregate", message))
        aggregated = aggregated.subset([one for one in aggregated.ids if one not in nowhere])
    if transforms:
        context.write_distances("aggregated.csv", aggregated)
    members = _matrices(context, "replicates", (cell for cell, _ in context.replicate_cells()))
    distances = aggregated
    if reader := reader_of_replicates(transforms):
        made_by, transforms = plan.config.one("distances").build(), transforms[1:]
        roots = {name: euclidean(matrix, made_by) for name, matrix in members.items()}
        made, replicates = reader.of_replicates(roots)
        distances = made.subset(aggregated.ids)
    elif plan.replicates:
        replicates = _aggregated(context, members)
    distances = transformed(transforms, distances, plan.languages)
    off_diagonal = distances.values[~np.eye(len(distances.ids), dtype=bool)]
    context.facts["status"] = "done" if (off_diagonal > 0).any() else "degenerate"
    context.write_distances("distances.csv", distances)
    if plan.replicates:
        replicates = transformed_replicates(transforms, replicates, plan.languages)
        context.write_distances("replicates/distances.csv", replicates)


def _matrices(context: Context, folder: str, cells: Iterable[CellResult]) -> dict[str, DistanceMatrix]:
    """Those of each model and corpus of the cells in a folder."""
    found = context.run.matrices(f"{folder}/*--*.csv")
    return {name: found[name] for name, _ in by_matrix(cells)}


def _aggregated(context: Context, matrices: Mapping[str, DistanceMatrix], ids: tuple[str, ...] = ()) -> DistanceMatrix:
    """One matrix from several, over these ids, or over all that they have."""
    everything = ids or tuple(dict.fromkeys(chain.from_iterable(matrix.ids for matrix in matrices.values())))
    spread = {name: matrix.spread(everything) for name, matrix in matrices.items()}
    aggregated: DistanceMatrix = context.plan.config.one("aggregators").build().aggregate(spread)
    return aggregated
