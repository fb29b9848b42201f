import numpy as np
import pytest
from aggregation_cases import NAN, named, of_three, pairs

from langgeo_aggregators.pairwise import RankMean, scaled_ranks


def rank_mean(*matrices: tuple[float, float, float]) -> list[float]:
    return pairs(RankMean().aggregate(named(*(of_three(*matrix) for matrix in matrices))))


def test_ranks_by_hand():
    assert rank_mean((7, 9, 100)) == pytest.approx([1 / 3, 2 / 3, 1])
    assert rank_mean((7, 9, 100), (0.3, 0.2, 0.1)) == pytest.approx([2 / 3, 2 / 3, 2 / 3])
    assert rank_mean((7, 9, 100), (1, 2, 2)) == pytest.approx([1 / 3, (2 / 3 + 2.5 / 3) / 2, (1 + 2.5 / 3) / 2])


def test_zero_stays_zero_and_counts_among_the_ranks():
    assert rank_mean((0, 9, 100)) == pytest.approx([0, 2 / 3, 1])
    assert rank_mean((0, 0, 100)) == pytest.approx([0, 0, 1])


def test_equal_distances_share_their_mean_rank():
    assert rank_mean((4, 4, 4)) == pytest.approx([2 / 3, 2 / 3, 2 / 3])


def test_missing_pairs_have_no_rank():
    assert rank_mean((7, NAN, 100)) == pytest.approx([1 / 2, NAN, 1], nan_ok=True)
    assert rank_mean((7, NAN, 100), (1, 2, 3)) == pytest.approx([(1 / 2 + 1 / 3) / 2, 2 / 3, 1])


def test_only_the_order_of_distances_counts():
    values = np.triu(np.random.default_rng(0).uniform(size=(9, 9)), 1)
    values += values.T
    np.testing.assert_array_equal(scaled_ranks(values), scaled_ranks(np.expm1(5 * values)))


def test_one_language_alone():
    assert scaled_ranks(np.zeros((1, 1))).tolist() == [[0.0]]
