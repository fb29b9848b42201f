"""The scores of all languages for one weight matrix, from their cells and the weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from langgeo_core.errors import NumericalError, UserError
from langgeo_core.protocols import PerWeightScorer, Scorer, WeightReader
from langgeo_core.signatures import PerWeightScores, Scores, SeparableScores
from langgeo_core.types import CellStatistics, WeightMatrix, WeightStatistics

Float32 = NDArray[np.float32]
Cell = CellStatistics | WeightStatistics
Kind = TypeVar("Kind", CellStatistics, WeightStatistics)


def score(
    matrix: WeightMatrix, cells: Sequence[Cell], weights: WeightReader, scorer: Scorer | PerWeightScorer
) -> Scores:
    """The scores of all languages for one weight matrix, in float32."""
    if isinstance(scorer, PerWeightScorer):
        return _per_weight(matrix, _all_of(WeightStatistics, cells), weights, scorer)
    factors = [scorer.feature_scores(cell.inputs[matrix.input]) for cell in _all_of(CellStatistics, cells)]
    values = _read(matrix, weights)
    if not getattr(scorer, "uses_weights", True):
        values = np.ones_like(values)
    return SeparableScores(matrix, values, np.stack(factors).astype(np.float32))


def _per_weight(
    matrix: WeightMatrix, cells: Sequence[WeightStatistics], weights: WeightReader, scorer: PerWeightScorer
) -> PerWeightScores:
    """Scores that are made when they are read; of the weight matrix itself there is one copy for all languages."""
    values = cache(lambda: _read(matrix, weights))

    def read(language: int, start: int, stop: int) -> Float32:
        cell = cells[language]
        found = scorer.scores(cell.read(matrix.name, start, stop), values()[start:stop], cell.tokens)
        if found.shape != (stop - start, matrix.columns) or not (found >= 0).all():
            raise NumericalError(
                f"{type(scorer).__name__} gives no score of every weight of {matrix.name} for {cell.language}: "
                "scores are non-negative numbers, as many as there are weights"
            )
        return np.asarray(found, dtype=np.float32)

    return PerWeightScores(matrix, len(cells), read)


def _all_of(kind: type[Kind], cells: Sequence[Cell]) -> list[Kind]:
    fitting = [cell for cell in cells if isinstance(cell, kind)]
    if len(fitting) < len(cells):
        raise UserError("the cells are those of another scorer", "run again from the stage calibrate")
    return fitting


def _read(matrix: WeightMatrix, weights: WeightReader) -> Float32:
    values = weights.read(matrix.name)
    if values.shape != (matrix.rows, matrix.columns):
        raise UserError(
            f"{matrix.name} has shape {values.shape} in the checkpoint, {(matrix.rows, matrix.columns)} in the network"
        )
    return values
