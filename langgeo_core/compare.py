"""From statistics to distances, one weight matrix at a time: score, quantize, compare, add up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from langgeo_core.errors import UserError
from langgeo_core.protocols import Distance, Quantizer, Scope, Scorer, WeightReader
from langgeo_core.signatures import SeparableScores, Signature
from langgeo_core.types import CellStatistics, Layout, WeightMatrix

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """All pairs of languages of one model and corpus.

    Parameters
    ----------
    ids : the languages compared
    matrices : the weight matrices, in the order of the network
    partials : (matrices, terms, languages, languages) float64
    kept : (matrices, languages) share of weights kept; NaN where signatures are not bits
    distances : (languages, languages) float64
    """

    ids: tuple[str, ...]
    matrices: tuple[WeightMatrix, ...]
    partials: Float64
    kept: Float64
    distances: Float64


@dataclass(frozen=True)
class Recipe:
    """The three components that make distances of statistics."""

    scorer: Scorer
    quantizer: Quantizer
    distance: Distance


def choose_form(quantizer: Quantizer, distance: Distance) -> type[Signature]:
    """The most compact signature that the quantizer makes and the distance reads.

    Raises
    ------
    UserError
        If there is none.
    """
    readable = distance.forms()
    for form in quantizer.forms():
        if form in readable:
            return form
    made = ", ".join(form.__name__ for form in quantizer.forms())
    read = ", ".join(form.__name__ for form in readable)
    raise UserError(
        f"the quantizer makes {made}, the distance reads {read}", "choose a quantizer and a distance that fit"
    )


def compare(
    cells: Sequence[CellStatistics],
    layout: Layout,
    weights: WeightReader,
    recipe: Recipe,
    form: type[Signature] | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Comparison:
    """Distances between the cells of one model and corpus.

    Weight matrices are read, scored and compared one scope at a time; only the sums stay in memory. `form` forces
    a signature, `advance` is called after every matrix.
    """
    chosen = form or choose_form(recipe.quantizer, recipe.distance)
    sums = _Sums()
    for group in scopes(layout, recipe.quantizer.scope):
        scored = [score(matrix, cells, weights, recipe.scorer) for matrix in group]
        fitted = recipe.quantizer.fit(scored)
        for scores in scored:
            signature = recipe.quantizer.encode(scores, fitted, chosen)
            sums.add(recipe.distance.partial(signature), getattr(signature, "kept_share", None))
            advance()
    partials = np.stack(sums.partials)
    size = sum(matrix.size for matrix in layout.matrices)
    distances = _symmetric(recipe.distance.finish(partials.sum(axis=0), size))
    ids = tuple(cell.language for cell in cells)
    return Comparison(ids, layout.matrices, partials, np.stack(sums.kept), distances)


def score(
    matrix: WeightMatrix, cells: Sequence[CellStatistics], weights: WeightReader, scorer: Scorer
) -> SeparableScores:
    """The scores of all languages for one weight matrix, in float32."""
    factors = [scorer.feature_scores(cell.inputs[matrix.input]) for cell in cells]
    values = weights.read(matrix.name)
    if not getattr(scorer, "uses_weights", True):
        values = np.ones_like(values)
    if values.shape != (matrix.rows, matrix.columns):
        raise UserError(
            f"{matrix.name} has shape {values.shape} in the checkpoint, {(matrix.rows, matrix.columns)} in the network"
        )
    return SeparableScores(matrix, values, np.stack(factors).astype(np.float32))


def scopes(layout: Layout, scope: Scope) -> Iterator[tuple[WeightMatrix, ...]]:
    """The matrices whose thresholds are taken together."""
    if scope == "global":
        yield layout.matrices
    elif scope == "layer":
        for _, group in groupby(layout.matrices, key=lambda matrix: matrix.layer):
            yield tuple(group)
    else:
        for matrix in layout.matrices:
            yield (matrix,)


@dataclass
class _Sums:
    partials: list[Float64] = field(default_factory=list)
    kept: list[Float64] = field(default_factory=list)

    def add(self, partial: Float64, kept: Float64 | None) -> None:
        self.partials.append(partial)
        self.kept.append(np.full(partial.shape[-1], np.nan) if kept is None else kept)


def _symmetric(values: Float64) -> Float64:
    """Remove rounding that differs between the two triangles, and from the diagonal."""
    both = (values + values.T) / 2
    np.fill_diagonal(both, 0.0)
    return both
