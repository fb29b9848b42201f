"""Which weight matrices of a network take part in its distances, and the distances that these make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.config.schema import PartsSettings
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.protocols import Distance
from langgeo_core.contract.types import WeightMatrix
from langgeo_core.storage.run_folder import Run

Float64 = NDArray[np.float64]
Chosen = NDArray[np.bool_]
Matrices = Sequence[WeightMatrix]


def taking_part(matrices: Matrices, parts: PartsSettings) -> Chosen:
    """(matrices,) which of a model's weight matrices `parts` names; all where it names none."""
    chosen = np.ones(len(matrices), dtype=bool)
    if parts.layers:
        chosen &= np.any([_in_layers(matrices, written) for written in parts.layers], axis=0)
    if parts.modules:
        chosen &= np.any([_in_module(matrices, written) for written in parts.modules], axis=0)
    return chosen


def summed_in(run: Run, matrices: Matrices) -> Chosen:
    """(matrices,) which of a model's weight matrices the distances of a run are summed over."""
    return taking_part(matrices, PartsSettings(**run.record.get("parts", {})))


def check_parts(parts: PartsSettings, models: Mapping[str, Matrices]) -> None:
    """Refuse parts that are in no model, and models that have none of the parts.

    Parameters
    ----------
    models : the weight matrices of each model by its name

    Raises
    ------
    UserError
        Naming what there is.
    """
    asked = [("layers", written, _in_layers) for written in parts.layers]
    asked += [("modules", written, _in_module) for written in parts.modules]
    for key, written, within in asked:
        if models and not any(within(matrices, written).any() for matrices in models.values()):
            known = "; ".join(f"{name} has {_what_there_is(matrices)}" for name, matrices in models.items())
            raise UserError(f"parts.{key}: no weight matrix is in {written!r}", known)
    for name, matrices in models.items():
        if not taking_part(matrices, parts).any():
            raise UserError(f"parts: no weight matrix of {name} is in them", f"it has {_what_there_is(matrices)}")


def distances_of(partials: Float64, matrices: Matrices, distance: Distance, chosen: Chosen) -> Float64:
    """(languages, languages) distances over some weight matrices.

    Parameters
    ----------
    partials : (matrices, terms, languages, languages), as `Distance.partial` makes them
    chosen : (matrices,) which of them are summed, at least one
    """
    size = sum(matrix.size for matrix, taken in zip(matrices, chosen, strict=True) if taken)
    total = partials.sum(axis=0) if chosen.all() else np.tensordot(chosen.astype(np.float64), partials, 1)
    return finished(total, distance, size)


def finished(total: Float64, distance: Distance, size: int) -> Float64:
    """(languages, languages) distances from the (terms, languages, languages) sums over `size` weights."""
    values = distance.finish(total, size)
    # Rounding differs between the two triangles, and is seen on the diagonal.
    both: Float64 = (values + values.T) / 2
    np.fill_diagonal(both, 0.0)
    return both


def depths(matrices: Matrices) -> dict[int, float]:
    """Where the middle of each layer lies between the first layer's start, 0, and the last one's end, 1."""
    layers = sorted({matrix.layer for matrix in matrices})
    return {layer: (place + 0.5) / len(layers) for place, layer in enumerate(layers)}


def _in_layers(matrices: Matrices, written: str) -> Chosen:
    low, _, high = written.partition("-")
    if "." in written:
        middle = depths(matrices)
        return np.array([float(low) <= middle[matrix.layer] < float(high) for matrix in matrices])
    return np.array([int(low) <= matrix.layer <= int(high or low) for matrix in matrices])


def _in_module(matrices: Matrices, written: str) -> Chosen:
    return np.array([f".{matrix.module}".endswith(f".{written}") for matrix in matrices])


def _what_there_is(matrices: Matrices) -> str:
    layers = [matrix.layer for matrix in matrices]
    modules = ", ".join(dict.fromkeys(matrix.module for matrix in matrices))
    return f"layers {min(layers)} to {max(layers)} and modules {modules}"
