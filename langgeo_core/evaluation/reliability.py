"""Reliability as rows: of metrics.csv, and of reliability.csv for each language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from langgeo_core.contract.types import DistanceMatrix, Metric
from langgeo_core.evaluation.halves import (
    Halves,
    below_floor,
    floor_share,
    nearest,
    rank_correlation,
    same_nearest,
    spearman_brown,
    split_half,
)
from langgeo_core.evaluation.paired import draw_halves, half_error, half_interval
from langgeo_core.evaluation.variance_shares import shared_languages, variance_shares

EVALUATOR = "reliability"
LANGUAGE_COLUMNS = ("language", "floor", "nearest", "distance", "told_apart", "below_floor")
SUBSAMPLES = 200

_FIGURES: dict[str, tuple[Callable[[Halves], float], tuple[float, float]]] = {
    "split_half": (split_half, (-1.0, 1.0)),
    "split_half_whole": (lambda halves: spearman_brown(split_half(halves)), (-1.0, 1.0)),
    "noise_floor": (lambda halves: _mean(halves), (0.0, np.inf)),
    "floor_share": (floor_share, (0.0, np.inf)),
    "below_floor": (below_floor, (0.0, 1.0)),
    "same_nearest": (same_nearest, (0.0, 1.0)),
}
"""What is told of the halves, and between which bounds it lies."""


def half_metrics(matrix: DistanceMatrix, seed: int) -> list[Metric]:
    """A row for each figure that is defined, with an interval from halves of the languages without replacement."""
    halves = Halves.of(matrix)
    n = len(halves.ids)
    drawn = [halves.subset(rows) for rows in draw_halves(n, SUBSAMPLES, np.random.default_rng(seed))]
    rows = []
    for name, (figure, bounds) in _FIGURES.items():
        value = figure(halves)
        if np.isfinite(value):
            on_parts = np.array([figure(part) for part in drawn])
            low, high = half_interval(value, on_parts, n, bounds) or (None, None)
            rows.append(Metric(EVALUATOR, name, value, n, sd=half_error(on_parts, n), ci_low=low, ci_high=high))
    return rows


def _mean(halves: Halves) -> float:
    own = halves.own[np.isfinite(halves.own)]
    return float(own.mean()) if len(own) else float("nan")


def language_rows(matrix: DistanceMatrix) -> Iterator[dict[str, Any]]:
    """Each language's floor, its nearest other with that distance, and all those that it is not told apart from."""
    halves = Halves.of(matrix)
    for index, language in enumerate(halves.ids):
        near = nearest(halves.across[index], index)
        below = [halves.ids[other] for other in np.flatnonzero(halves.below[index])]
        known = near is not None and bool(np.isfinite(halves.floors[index, near]))
        yield {
            "language": language,
            "floor": float(halves.own[index]),
            "nearest": "" if near is None else halves.ids[near],
            "distance": None if near is None else float(halves.across[index, near]),
            "told_apart": ("no" if below else "yes") if known else "",
            "below_floor": " ".join(below),
        }


def agreement_metrics(matrices: Mapping[tuple[str, str], DistanceMatrix]) -> list[Metric]:
    """Rank correlation of every two matrices, and the shares of variance; none for a single matrix."""
    rows = [row for one, other in combinations(matrices, 2) if (row := _agreement(one, other, matrices)) is not None]
    shares = variance_shares(matrices)
    n = len(shared_languages(matrices)) if shares else 0
    return [*rows, *(Metric(EVALUATOR, f"variance_{name}", share, n) for name, share in shares.items())]


def _agreement(
    one: tuple[str, str], other: tuple[str, str], matrices: Mapping[tuple[str, str], DistanceMatrix]
) -> Metric | None:
    shared = [identifier for identifier in matrices[one].ids if identifier in set(matrices[other].ids)]
    value = rank_correlation(matrices[one].subset(shared).values, matrices[other].subset(shared).values)
    level = f"{'--'.join(one)} ~ {'--'.join(other)}"
    return Metric(EVALUATOR, "agreement", value, len(shared), level=level) if np.isfinite(value) else None
