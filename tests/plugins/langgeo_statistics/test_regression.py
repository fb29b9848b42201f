from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from tree_cases import random_distances

from langgeo_inference.api import ResamplingOptions
from langgeo_statistics.correlations import Resampling, Table, correlations, crossed
from langgeo_statistics.regression import alone, explained, shares, unique, unique_by_chance

GROUPS = np.zeros(13, dtype=np.int64)
UPPER = np.triu_indices(13, 1)


def matrices(count: int, seed: int = 0) -> np.ndarray:
    made = np.stack([random_distances(13, seed + place) for place in range(count + 1)])
    made[0] += made[1] + made[2] / 2
    made[2] += made[1] / 3
    return made


def drawn(permutations: int) -> Resampling:
    return Resampling.draw(GROUPS, ResamplingOptions(permutations=permutations, subsamples=2), 0)


def found(given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    value = correlations(Table(given, GROUPS), drawn(3), False).value
    return value[1:, 1:], value[0, 1:]


def by_least_squares(given: np.ndarray, chosen: tuple[int, ...]) -> float:
    """R² with an intercept, of the pairs above the diagonal."""
    first = given[0][UPPER]
    design = np.column_stack([np.ones(len(first)), *(given[place + 1][UPPER] for place in chosen)])
    fitted = design @ np.linalg.lstsq(design, first, rcond=None)[0]
    return float(1 - ((first - fitted) ** 2).sum() / ((first - first.mean()) ** 2).sum())


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_whole_as_least_squares(count: int) -> None:
    given = matrices(max(count, 2))[: count + 1]
    assert explained(*found(given)) == pytest.approx(by_least_squares(given, tuple(range(count))))


def test_alone_and_unique_as_least_squares() -> None:
    given = matrices(3)
    among, between = found(given)
    for place in range(3):
        assert alone(between)[place] == pytest.approx(by_least_squares(given, (place,)))
        others = tuple(other for other in range(3) if other != place)
        lost = by_least_squares(given, (0, 1, 2)) - by_least_squares(given, others)
        assert unique(among, between)[place] == pytest.approx(lost)


def by_shuffled_residuals(given: np.ndarray, one: int, orders: np.ndarray) -> list[float]:
    """What is added to R² by the shuffled residual of a predictor, each step as least squares."""
    others = tuple(other for other in range(len(given) - 1) if other != one)
    left, rest = given[one + 1][UPPER], [np.ones(len(UPPER[0])), *(given[other + 1][UPPER] for other in others)]
    design = np.column_stack(rest)
    residual = np.zeros(given.shape[1:])
    residual[UPPER] = left - design @ np.linalg.lstsq(design, left, rcond=None)[0]
    residual += residual.T
    added = []
    for order in orders:
        replaced = np.stack([given[0], *given[[other + 1 for other in others]], residual[np.ix_(order, order)]])
        both = tuple(range(len(others) + 1))
        added.append(by_least_squares(replaced, both) - by_least_squares(replaced, both[:-1]))
    return added


def test_what_chance_adds_as_least_squares_on_shuffled_residuals() -> None:
    given = matrices(3)
    resampling = drawn(7)
    moved = crossed(Table(given, GROUPS), resampling, False)
    by_chance = unique_by_chance(*found(given), moved)
    assert by_chance.shape == (7, 3)
    for place in range(3):
        np.testing.assert_allclose(
            by_chance[:, place], by_shuffled_residuals(given, place, resampling.shuffled), atol=1e-12
        )


def test_a_shuffle_that_moves_nothing_gives_the_unique_share_itself() -> None:
    given = matrices(3)
    still = Resampling(np.arange(13)[np.newaxis], np.arange(6)[np.newaxis])
    by_chance = unique_by_chance(*found(given), crossed(Table(given, GROUPS), still, False))
    np.testing.assert_allclose(by_chance[0], unique(*found(given)), atol=1e-12)


def test_a_predictor_that_the_others_explain_adds_nothing_by_chance() -> None:
    twice = matrices(2)[[0, 1, 1, 2]]
    moved = crossed(Table(twice, GROUPS), drawn(5), False)
    by_chance = unique_by_chance(*found(twice), moved)
    assert (by_chance[:, :2] == 0).all()
    assert (by_chance[:, 2] > 0).all()


def test_shares_are_means_over_orders_and_sum_to_the_whole() -> None:
    given = matrices(3, seed=5)
    among, between = found(given)
    gains = np.zeros(3)
    for order in permutations(range(3)):
        for place, predictor in enumerate(order):
            gains[predictor] += by_least_squares(given, order[: place + 1]) - by_least_squares(given, order[:place])
    np.testing.assert_allclose(shares(among, between), gains / 6)
    assert shares(among, between).sum() == pytest.approx(explained(among, between))


def test_a_predictor_twice_adds_nothing_and_shares_evenly() -> None:
    given = matrices(2)
    twice = given[[0, 1, 1, 2]]
    assert explained(*found(twice)) == pytest.approx(by_least_squares(given, (0, 1)))
    assert unique(*found(twice))[:2] == pytest.approx([0, 0], abs=1e-9)
    assert shares(*found(twice))[0] == pytest.approx(shares(*found(twice))[1])


def test_many_at_once_and_missing_ones() -> None:
    given = [found(matrices(3, seed)) for seed in (0, 10)]
    among, between = (np.stack(parts) for parts in zip(*given, strict=True))
    for measure in (explained, unique, shares):
        np.testing.assert_allclose(measure(among, between), [measure(*one) for one in given])
    among[0, 1, :] = among[0, :, 1] = between[0, 1] = np.nan
    assert np.isnan(explained(among, between)).tolist() == [True, False]
    assert np.isnan(shares(among, between)[0]).all()


def test_nothing_explains_nothing() -> None:
    assert explained(np.empty((0, 0)), np.empty(0)) == 0
