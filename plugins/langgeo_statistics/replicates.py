"""Distances of a run made of parts of what it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from safetensors.numpy import load_file

from langgeo_core.api import DistanceMatrix, Run, UserError, build_component
from langgeo_formats.exporters import spread

Float64 = NDArray[np.float64]


def of_cells(run: Run) -> Iterator[DistanceMatrix]:
    """The distances of each model and corpus that has all languages of the run.

    Raises
    ------
    UserError
        If fewer than two have.
    """
    ids = run.distances.ids
    whole = [matrix.subset(ids) for matrix in run.cell_distances.values() if set(ids) <= set(matrix.ids)]
    whole = [matrix for matrix in whole if matrix.complete]
    if len(whole) < 2:
        raise UserError(
            f"{run.path} has {len(whole)} models and corpora with all of its languages; support of cells needs two",
            "choose support=layers or support=none",
        )
    yield from whole


def keeps_layers(run: Run) -> bool:
    """Whether each model and corpus of a run has the distances of each weight matrix."""
    names = run.cell_distances
    return bool(names) and all((run.path / "distances" / f"{name}.safetensors").is_file() for name in names)


def of_layers(run: Run, count: int, seed: int) -> Iterator[DistanceMatrix]:
    """`count` times the distances of a random half of the layers of every model: a delete-half jackknife.

    Several models and corpora are averaged, each divided by its mean, over those that have a pair.

    Raises
    ------
    UserError
        If the run keeps no distances of its layers, or a model has a single layer.
    """
    cells, distance = _cells(run), build_component("distances", _written(run))
    rng = np.random.default_rng(seed)
    for _ in range(count):
        parts = [_of_half(cell, distance, rng, run.distances.ids) for cell in cells]
        values = np.nanmean([part / np.nanmean(part) for part in parts], axis=0)
        np.fill_diagonal(values, 0.0)
        yield DistanceMatrix(run.distances.ids, (values + values.T) / 2)


@dataclass(frozen=True, eq=False)
class _Cell:
    """What a model and corpus add up to.

    Parameters
    ----------
    partials : (matrices, terms, n, n)
    sizes : (matrices,) weights
    layers : (matrices,) the layer of each
    """

    ids: tuple[str, ...]
    partials: Float64
    sizes: NDArray[np.int64]
    layers: NDArray[np.int64]


def _cells(run: Run) -> list[_Cell]:
    if not keeps_layers(run):
        raise UserError(f"{run.path} keeps no distances of its layers", "choose support=none")
    files = {name: run.path / "distances" / f"{name}.safetensors" for name in run.cell_distances}
    return [_cell(run, name, load_file(file)["partials"]) for name, file in files.items()]


def _cell(run: Run, name: str, partials: Float64) -> _Cell:
    rows = [row for row in run.table("kept.csv") if f"{row['model']}--{row['corpus']}" == name]
    layers = np.array([int(row["layer"]) for row in rows])
    if len(set(layers.tolist())) < 2:
        raise UserError(f"{name} has a single layer, of which there is no half", "choose support=none")
    sizes = np.array([int(row["rows"]) * int(row["columns"]) for row in rows])
    return _Cell(run.cell_distances[name].ids, partials, sizes, layers)


def _of_half(cell: _Cell, distance: Any, rng: np.random.Generator, ids: tuple[str, ...]) -> Float64:
    """(n, n) over the ids, of a random half of the layers."""
    layers = np.unique(cell.layers)
    kept = np.isin(cell.layers, rng.permutation(layers)[: (len(layers) + 1) // 2])
    values = distance.finish(cell.partials[kept].sum(axis=0), int(cell.sizes[kept].sum()))
    both = (values + values.T) / 2
    np.fill_diagonal(both, 0.0)
    return spread(DistanceMatrix(cell.ids, both), ids)


def _written(run: Run) -> Any:
    """The distance as the run's config has it, every scalar as text."""
    config = yaml.load((run.path / "config.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return config["distance"]
