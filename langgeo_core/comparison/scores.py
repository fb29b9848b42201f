"""The scores of all languages for one weight matrix, from their cells and the weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.errors import NumericalError, UserError
from langgeo_core.contract.protocols import PerWeightScorer, Scorer, WeightlessScorer, WeightReader
from langgeo_core.contract.signatures import DeferredScores, PerWeightScores, Scores
from langgeo_core.contract.types import CellStatistics, WeightMatrix, WeightStatistics

Float32 = NDArray[np.float32]
Cell = CellStatistics | WeightStatistics
Kind = TypeVar("Kind", CellStatistics, WeightStatistics)

HELD_BYTES = 2 * 2**30
"""What the weights of one scope may take with their sorted copies, to be read once: a decoder block of a 7B model."""


class Scoring:
    """The scores of all languages for one weight matrix after another.

    Of cells with diagonals only g of each language is kept, in float32.

    Parameters
    ----------
    cells : looked at one by one, and only once
    device : the torch device that separable scores may be counted on, or None
    """

    def __init__(
        self, cells: Iterable[Cell], weights: WeightReader, scorer: Scorer | PerWeightScorer, device: str | None = None
    ) -> None:
        self.weights, self.scorer, self.device = weights, scorer, device
        self.per_weight: list[WeightStatistics] = []
        factors: dict[str, list[Float32]] = {}
        ids = []
        for cell in cells:
            ids.append(cell.language)
            if isinstance(scorer, PerWeightScorer):
                self.per_weight.append(_of_kind(WeightStatistics, cell))
                continue
            for name, statistics in _of_kind(CellStatistics, cell).inputs.items():
                factors.setdefault(name, []).append(scorer.feature_scores(statistics).astype(np.float32))
        self.languages = tuple(ids)
        self.factors = {name: np.stack(factors.pop(name)) for name in list(factors)}

    def of(self, group: Sequence[WeightMatrix]) -> list[Scores]:
        """The scores for weight matrices whose thresholds are taken together.

        Where all of them fit into `HELD_BYTES` they are read once, otherwise whenever they are looked at.
        """
        if isinstance(self.scorer, PerWeightScorer):
            recent = _Recent(self.weights)
            return [_per_weight(matrix, self.per_weight, recent, self.scorer) for matrix in group]
        deferred = [self._deferred(matrix) for matrix in group]
        held = sum(2 * 4 * matrix.size for matrix in group) <= HELD_BYTES
        return [scores.held() if held else scores for scores in deferred]

    def _deferred(self, matrix: WeightMatrix) -> DeferredScores:
        if not isinstance(self.scorer, WeightlessScorer) or self.scorer.uses_weights:
            return DeferredScores(matrix, lambda: _read(matrix, self.weights), self.factors[matrix.input], self.device)
        ones = np.broadcast_to(np.float32(1), (matrix.rows, matrix.columns))
        return DeferredScores(matrix, lambda: np.ascontiguousarray(ones), self.factors[matrix.input], self.device)


class _Recent:
    """A reader that keeps what it read last, as many weight matrices as fit into `HELD_BYTES`, and at least one."""

    def __init__(self, weights: WeightReader) -> None:
        self.weights = weights
        self.held: dict[str, Float32] = {}

    def read(self, name: str) -> Float32:
        """See `WeightReader.read`."""
        if name not in self.held:
            values = self.weights.read(name)
            while self.held and values.nbytes + sum(one.nbytes for one in self.held.values()) > HELD_BYTES:
                del self.held[next(iter(self.held))]
            self.held[name] = values
        return self.held[name]


def _per_weight(
    matrix: WeightMatrix, cells: Sequence[WeightStatistics], weights: WeightReader, scorer: PerWeightScorer
) -> PerWeightScores:
    """Scores that are made when they are read; of the weight matrix itself there is one copy for all languages."""

    def read(language: int, start: int, stop: int) -> Float32:
        cell = cells[language]
        found = scorer.scores(cell.read(matrix.name, start, stop), _read(matrix, weights)[start:stop], cell.tokens)
        if found.shape != (stop - start, matrix.columns) or not (found >= 0).all():
            raise NumericalError(
                f"{type(scorer).__name__} gives no score of every weight of {matrix.name} for {cell.language}: "
                "scores are non-negative numbers, as many as there are weights"
            )
        return np.asarray(found, dtype=np.float32)

    return PerWeightScores(matrix, len(cells), read)


def _of_kind(kind: type[Kind], cell: Cell) -> Kind:
    if not isinstance(cell, kind):
        raise UserError("the cells are those of another scorer", "run again from the stage calibrate")
    return cell


def _read(matrix: WeightMatrix, weights: WeightReader) -> Float32:
    values = weights.read(matrix.name)
    if values.shape != (matrix.rows, matrix.columns):
        raise UserError(
            f"{matrix.name} has shape {values.shape} in the checkpoint, {(matrix.rows, matrix.columns)} in the network"
        )
    return values
