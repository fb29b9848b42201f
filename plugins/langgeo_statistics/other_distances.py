"""Distances of a run made of parts of what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    protocols,
    summed_in,
)
from langgeo_statistics.replicate_support import jackknife


def of_replicates(run: Run) -> list[DistanceMatrix]:
    """The distances without each replicate of the texts: a delete-one jackknife.

    Raises
    ------
    UserError
        If the run measured fewer than three replicates.
    """
    found = jackknife(run.replicates)
    if not found:
        hint = "run it again with reliability.replicates=4, or choose support=layers or support=none"
        raise UserError(f"{run.path} has fewer than three replicates of the texts", hint)
    return [matrix.subset(run.distances.ids) for matrix in found]


def of_cells(run: Run) -> Iterator[DistanceMatrix]:
    """The distances of each model and corpus that has all languages of the run: a run of that one alone.

    Raises
    ------
    UserError
        If fewer than two have.
    """
    ids = set(run.distances.ids)
    whole = {name: matrix for name, matrix in run.cell_distances.items() if ids <= set(matrix.ids) and matrix.complete}
    if len(whole) < 2:
        raise UserError(
            f"{run.path} has {len(whole)} models and corpora with all of its languages; support of cells needs two",
            "choose support=layers or support=none",
        )
    for name, matrix in whole.items():
        yield _maker(run, [name])({name: matrix})


def keeps_layers(run: Run) -> bool:
    """Whether each model and corpus has the distances of each weight matrix, and the transforms can do with them."""
    names = () if _reads_replicates(_transforms(run)) else run.cell_distances
    return bool(names) and all(f"distances/{name}.safetensors" in run.files for name in names)


def of_layers(run: Run, count: int, seed: int) -> Iterator[DistanceMatrix]:
    """`count` times the distances of a random half of the layers of every model: a delete-half jackknife.

    What becomes of several models and corpora is up to the run's aggregator; then come its transforms.

    Raises
    ------
    UserError
        If the run keeps no distances of its layers, or a model has a single layer.
    """
    cells, distance = _cells(run), build_component("distances", _config(run)["distance"])
    made, rng = _maker(run, list(cells)), np.random.default_rng(seed)
    for _ in range(count):
        yield made({name: cell.half(distance, rng) for name, cell in cells.items()})


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


def _cells(run: Run) -> dict[str, _Cell]:
    if not keeps_layers(run):
        raise UserError(f"{run.path} keeps no distances of its layers that fit its transforms", "choose support=none")
    return {f"{model}--{corpus}": _cell(run, model, corpus) for model, corpus in run.weight_matrices}


def _cell(run: Run, model: str, corpus: str) -> _Cell:
    partials = run.partial_distances(model, corpus)
    cell = _Cell(partials, summed_in(run, partials.matrices))
    if len(set(cell.layers[cell.chosen].tolist())) < 2:
        raise UserError(f"{model}--{corpus} has a single layer, of which there is no half", "choose support=none")
    return cell


def _maker(run: Run, names: Sequence[str]) -> Callable[[Mapping[str, DistanceMatrix]], DistanceMatrix]:
    """What the run makes of the distances of these models and corpora: its aggregator, then its transforms."""
    aggregator = build_component("aggregators", _for_some(_config(run)["aggregator"], names))
    transforms = _transforms(run)
    if _reads_replicates(transforms):
        message = (
            f"the transforms of {run.path} read replicates of the texts, and parts of a run have none of their own"
        )
        raise UserError(message, "choose support=replicates or support=none")
    everyone = tuple(language.id for language in run.planned)
    known = {language.id: language for language in run.planned}

    def made(matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        spread = {name: matrix.spread(everyone) for name, matrix in matrices.items()}
        distances: DistanceMatrix = aggregator.aggregate(spread).subset(run.distances.ids)
        for transform in transforms:
            distances = transform.transform(distances, [known[identifier] for identifier in distances.ids])
        return distances

    return made


def _transforms(run: Run) -> list[Any]:
    return [build_component("transforms", written) for written in _config(run).get("transforms", ())]


def _reads_replicates(transforms: Sequence[Any]) -> bool:
    return any(isinstance(transform, protocols.ReplicateTransform) for transform in transforms)


def _for_some(written: Any, names: Sequence[str]) -> Any:
    """The aggregator of a config for some of its models and corpora: weights that it gives to others are left out."""
    if isinstance(written, str) or not isinstance(written.get("weights"), dict):
        return written
    return {**written, "weights": {name: weight for name, weight in written["weights"].items() if name in names}}


def _config(run: Run) -> Any:
    """The run's config, every scalar as text."""
    return yaml.load((run.path / "config.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
