"""How much each weight matrix adds to the distance of two languages, from the sums that a run keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import (
    PartialDistances,
    ResolvedConfig,
    Run,
    UserError,
    WeightMatrix,
    distances_of,
    protocols,
    summed_in,
)

Float64 = NDArray[np.float64]
Matrices = Sequence[WeightMatrix]

EQUAL = 1e-9
"""Shares that differ by less than this part of their mean are the same up to rounding."""


@dataclass(frozen=True)
class Share:
    """What a layer, a module or a weight matrix adds to the distance of two languages.

    Parameters
    ----------
    name : of a layer, a module or a weight matrix
    share : of the pair's distance
    typical : mean share over all pairs of the run
    z : by how many standard deviations over pairs the share exceeds the mean; 0 if all pairs have the same share
    """

    name: str
    share: float
    typical: float
    z: float


@dataclass(frozen=True)
class Explanation:
    """The shares of one model and corpus, in the order of the network.

    `additive` says whether the distance, or its square, is a sum over weight matrices. If it is not, shares are of the
    distances over each matrix alone, weighted by its number of weights.
    """

    model: str
    corpus: str
    additive: bool
    layers: tuple[Share, ...]
    modules: tuple[Share, ...]
    matrices: tuple[Share, ...]


def explain(run: Run, config: ResolvedConfig, pair: tuple[str, str]) -> list[Explanation]:
    """The shares of the matrices that are summed over, for each model and corpus in which the languages differ.

    Parameters
    ----------
    config : of the run, which names its distance

    Raises
    ------
    UserError
        If the run keeps no sums, or the languages differ in none of them.
    """
    if config.settings.matrix:
        raise UserError(f"the distances of {run.path} come from a file, so there are no weight matrices to compare")
    found = [one for one in _explanations(run, config.one("distances").build(), pair) if one]
    if not found:
        one, other = pair
        raise UserError(
            f"no model and corpus of {run.path} has a distance between {one} and {other}", "see its cells.csv"
        )
    return found


def _explanations(run: Run, distance: protocols.Distance, pair: tuple[str, str]) -> Iterator[Explanation | None]:
    for model, corpus in run.weight_matrices:
        partial = run.partial_distances(model, corpus)
        if not set(pair) <= set(partial.ids):
            continue
        chosen = summed_in(run, partial.matrices)
        matrices = [matrix for matrix, taken in zip(partial.matrices, chosen, strict=True) if taken]
        added = _added(partial, distance)[chosen]
        rows = [partial.ids.index(identifier) for identifier in pair]
        yield _explanation(model, corpus, len(distance.terms) == 1, matrices, _pairs(added, rows))


def _added(partial: PartialDistances, distance: protocols.Distance) -> Float64:
    """(matrices, n, n) what each weight matrix adds: its sum, or its own distance times its number of weights."""
    if len(distance.terms) == 1:
        return partial.sums[:, 0]
    own = np.eye(len(partial.matrices), dtype=bool)
    sizes = [matrix.size for matrix in partial.matrices]
    return np.stack(
        [
            size * distances_of(partial.sums, partial.matrices, distance, chosen)
            for size, chosen in zip(sizes, own, strict=True)
        ]
    )


def _pairs(added: Float64, rows: Sequence[int]) -> Float64:
    """(matrices, pairs): the pair asked for, then all pairs with a distance above 0, which include it."""
    upper = added[:, *np.triu_indices(added.shape[-1], 1)]
    apart = upper[:, upper.sum(axis=0) > 0]
    return np.column_stack([added[:, rows[0], rows[1]], apart])


def _explanation(model: str, corpus: str, additive: bool, matrices: Matrices, pairs: Float64) -> Explanation | None:
    """None if the pair has distance 0 in all matrices."""
    if not pairs[:, 0].sum() > 0:
        return None
    shares = pairs / pairs.sum(axis=0)
    layers = [f"{matrix.layer}" for matrix in matrices]
    modules = [matrix.module for matrix in matrices]
    names = [matrix.name for matrix in matrices]
    found = [tuple(_shares(_added_up(keys, shares))) for keys in (layers, modules, names)]
    return Explanation(model, corpus, additive, *found)


def _added_up(keys: Sequence[str], shares: Float64) -> dict[str, Float64]:
    """(pairs,) the summed shares of the matrices with each key, in the order of the keys."""
    return {key: shares[[own == key for own in keys]].sum(axis=0) for key in dict.fromkeys(keys)}


def _shares(parts: Mapping[str, Float64]) -> Iterator[Share]:
    for name, values in parts.items():
        own, typical, spread = float(values[0]), float(values[1:].mean()), float(values[1:].std())
        yield Share(name, own, typical, (own - typical) / spread if spread > EQUAL * typical else 0.0)
