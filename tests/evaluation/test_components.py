"""Shares of variance by simulation and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from langgeo_core.api import DistanceMatrix
from langgeo_statistics.reliability import agreement_metrics, variance_shares

IDS = tuple(f"l{index:02}" for index in range(60))


def symmetric(rng: np.random.Generator, spread: float) -> np.ndarray:
    upper = np.triu(rng.normal(0, spread, (len(IDS), len(IDS))), 1)
    return upper + upper.T


def simulated(spreads: dict[str, float]) -> dict[tuple[str, str], DistanceMatrix]:
    """Three models by four corpora with known spreads around a mean of 20."""
    rng = np.random.default_rng(3)
    pair = symmetric(rng, spreads["pair"])
    models = [symmetric(rng, spreads["model"]) for _ in range(3)]
    corpora = [symmetric(rng, spreads["corpus"]) for _ in range(4)]
    found = {}
    for number, model in enumerate(models):
        for place, corpus in enumerate(corpora):
            values = 20 + pair + model + corpus + symmetric(rng, spreads["residual"])
            np.fill_diagonal(values, 0)
            found[f"m{number}", f"c{place}"] = DistanceMatrix(IDS, values)
    return found


def test_known_components_are_found() -> None:
    spreads = {"pair": 2.0, "model": 1.0, "corpus": 0.5, "residual": 0.7}
    total = sum(spread**2 for spread in spreads.values())
    shares = variance_shares(simulated(spreads))
    assert shares == pytest.approx({name: spread**2 / total for name, spread in spreads.items()}, abs=0.03)


def test_one_model_leaves_the_corpora_in_the_residual() -> None:
    both = {key: matrix for key, matrix in simulated({"pair": 2, "model": 0, "corpus": 1, "residual": 0}).items()}
    alone = {key: matrix for key, matrix in both.items() if key[0] == "m0"}
    assert variance_shares(alone) == pytest.approx({"pair": 0.8, "residual": 0.2}, abs=0.03)


def test_equal_matrices_agree_in_all() -> None:
    one = simulated({"pair": 2, "model": 0, "corpus": 0, "residual": 0})
    assert variance_shares(one) == pytest.approx({"pair": 1, "model": 0, "corpus": 0, "residual": 0}, abs=1e-9)
    rows = agreement_metrics(dict(list(one.items())[:2]))
    assert rows[0].metric == "agreement" and rows[0].value == pytest.approx(1) and rows[0].level == "m0--c0 ~ m0--c1"


def test_a_single_matrix_and_a_grid_with_holes_say_nothing() -> None:
    grid = simulated({"pair": 2, "model": 1, "corpus": 1, "residual": 1})
    assert variance_shares(dict(list(grid.items())[:1])) == {}
    assert variance_shares({key: matrix for key, matrix in grid.items() if key != ("m1", "c2")}) == {}


def test_only_pairs_that_all_have_count() -> None:
    grid = simulated({"pair": 2, "model": 1, "corpus": 1, "residual": 1})
    first = grid["m0", "c0"]
    holes = first.values.copy()
    holes[0, 1:] = holes[1:, 0] = np.nan
    with_holes = {**grid, ("m0", "c0"): DistanceMatrix(IDS, holes)}
    without = {key: matrix.subset(IDS[1:]) for key, matrix in grid.items()}
    assert variance_shares(with_holes) == pytest.approx(variance_shares(without))
    (row, *_) = [row for row in agreement_metrics(with_holes) if row.metric == "variance_pair"]
    assert row.n == len(next(iter(without.values())).ids)
