"""Distances of a run made of parts of what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from langgeo_core.api import (
    DistanceMatrix,
    PartialDistances,
    Run,
    UserError,
    build_component,
    distances_of,
    summed_in,
)


def of_cells(run: Run) -> Iterator[DistanceMatrix]:
    """The distances of each model and corpus that has all languages of the run, after the run's transforms.

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
    yield from map(_transforms(run), whole)


def keeps_layers(run: Run) -> bool:
    """Whether each model and corpus of a run has the distances of each weight matrix."""
    names = run.cell_distances
    return bool(names) and all((run.path / "distances" / f"{name}.safetensors").is_file() for name in names)


def of_layers(run: Run, count: int, seed: int) -> Iterator[DistanceMatrix]:
    """`count` times the distances of a random half of the layers of every model: a delete-half jackknife.

    Several models and corpora are averaged, each divided by its mean, over those that have a pair; then come the run's
    transforms.

    Raises
    ------
    UserError
        If the run keeps no distances of its layers, or a model has a single layer.
    """
    cells, distance = _cells(run), build_component("distances", _config(run)["distance"])
    transformed, ids = _transforms(run), run.distances.ids
    everyone = tuple(dict.fromkeys((*ids, *(name for cell in cells for name in cell.partials.ids))))
    rng = np.random.default_rng(seed)
    for _ in range(count):
        halves = [cell.half(distance, rng) for cell in cells]
        parts = [half.spread(everyone).subset(ids).values for half in halves]
        values = np.nanmean([part / np.nanmean(part) for part in parts], axis=0)
        np.fill_diagonal(values, 0.0)
        yield transformed(DistanceMatrix(ids, (values + values.T) / 2))


@dataclass(frozen=True, eq=False)
class _Cell:
    """What a model and corpus add up to.

    Parameters
    ----------
    chosen : (matrices,) which of them the run sums
    """

    partials: PartialDistances
    chosen: NDArray[np.bool_]

    @cached_property
    def layers(self) -> NDArray[np.int64]:
        """(matrices,) the layer of each."""
        return np.array([matrix.layer for matrix in self.partials.matrices])

    def half(self, distance: Any, rng: np.random.Generator) -> DistanceMatrix:
        """Of a random half of the layers."""
        layers = np.unique(self.layers[self.chosen])
        kept = self.chosen & np.isin(self.layers, rng.permutation(layers)[: (len(layers) + 1) // 2])
        values = distances_of(self.partials.sums, self.partials.matrices, distance, kept)
        return DistanceMatrix(self.partials.ids, values)


def _cells(run: Run) -> list[_Cell]:
    if not keeps_layers(run):
        raise UserError(f"{run.path} keeps no distances of its layers", "choose support=none")
    return [_cell(run, model, corpus) for model, corpus in run.weight_matrices]


def _cell(run: Run, model: str, corpus: str) -> _Cell:
    partials = run.partial_distances(model, corpus)
    cell = _Cell(partials, summed_in(run, partials.matrices))
    if len(set(cell.layers[cell.chosen].tolist())) < 2:
        raise UserError(f"{model}--{corpus} has a single layer, of which there is no half", "choose support=none")
    return cell


def _transforms(run: Run) -> Callable[[DistanceMatrix], DistanceMatrix]:
    """What the run's transforms make of other distances between its languages."""
    chosen = [build_component("transforms", written) for written in _config(run).get("transforms", ())]
    known = {language.id: language for language in run.languages}

    def transformed(distances: DistanceMatrix) -> DistanceMatrix:
        for transform in chosen:
            distances = transform.transform(distances, [known[identifier] for identifier in distances.ids])
        return distances

    return transformed


def _config(run: Run) -> Any:
    """The run's config, every scalar as text."""
    return yaml.load((run.path / "config.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
