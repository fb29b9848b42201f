"""Scores on both roads, with zeros and ties."""

from __future__ import annotations

import numpy as np

from langgeo_core.api import PerWeightScores, SeparableScores, WeightMatrix


def separable(rows: int, columns: int, seed: int = 0, languages: int = 4) -> SeparableScores:
    """Weights that are multiples of 1/8, and factors that differ between columns."""
    source = np.random.default_rng(seed)
    weights = np.round(source.normal(size=(rows, columns)) * 4) / 8
    factors = source.gamma(1.0, size=(languages, columns))
    matrix = WeightMatrix(f"m{seed}", 0, "m", rows, columns, "m")
    return SeparableScores(matrix, weights.astype(np.float32), factors.astype(np.float32))


def per_weight(values: np.ndarray, name: str = "m") -> PerWeightScores:
    """(languages, rows, columns) scores as they are."""
    languages, rows, columns = values.shape
    matrix = WeightMatrix(name, 0, "m", rows, columns, "m")
    return PerWeightScores(matrix, languages, lambda who, start, stop: values[who, start:stop].astype(np.float32))


def written_out(scores: SeparableScores | PerWeightScores) -> np.ndarray:
    """(languages, rows, columns) float32."""
    return np.stack([scores.dense(language) for language in range(scores.languages)])


def as_per_weight(scores: SeparableScores) -> PerWeightScores:
    """The same scores as if they did not separate."""
    return per_weight(written_out(scores), scores.matrix.name)
