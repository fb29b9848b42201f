"""Measures of a ranking: by hand, and against scipy, scikit-learn and every order of ties."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import kendalltau, spearmanr
from sklearn.metrics import ndcg_score

from langgeo_transfer.measures import expected_best, kendall, ndcg, relevance, spearman, without_main_effects

SCORES = np.array([50.0, 80.0, 70.0, 60.0])
DISTANCES = np.array([[0.4, 0.3, 0.1, 0.2]])
"""The order by distance is 70, 60, 80, 50."""


def test_a_ranking_by_hand() -> None:
    assert relevance(SCORES).tolist() == [7, 10, 9, 8]
    # Ranks of the scores 1 4 3 2, of nearness 1 2 4 3: d² = 0 + 4 + 1 + 1.
    assert spearman(SCORES, DISTANCES)[0] == pytest.approx(1 - 6 * 6 / (4 * 15))
    # Of six pairs those of 70 and 80, and of 60 and 80, are in the wrong order.
    assert kendall(SCORES, DISTANCES)[0] == pytest.approx((4 - 2) / 6)
    gain = 511 / 1 + 255 / np.log2(3) + 1023 / 2
    best = 1023 / 1 + 511 / np.log2(3) + 255 / 2
    assert ndcg(SCORES, DISTANCES, 3)[0] == pytest.approx(gain / best)
    assert expected_best(SCORES, DISTANCES, 1)[0] == 70
    assert expected_best(SCORES, DISTANCES, 3)[0] == 80


def test_relevance_ends_after_ten_and_equal_scores_share_the_better_grade() -> None:
    assert relevance(np.arange(12.0)).tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert relevance(np.array([3.0, 3.0, 1.0])).tolist() == [10, 10, 8]


small = st.integers(0, 4).map(float)


@given(st.lists(st.tuples(small, small), min_size=3, max_size=6), st.integers(1, 4))
def test_the_libraries_and_every_order_of_ties_agree(pairs: list[tuple[float, float]], k: int) -> None:
    scores, distances = (np.array(side) for side in zip(*pairs, strict=True))
    orders = [
        list(order)
        for order in itertools.permutations(range(len(scores)))
        if all(distances[one] <= distances[other] for one, other in itertools.pairwise(order))
    ]
    best = np.mean([scores[order[:k]].max() for order in orders])
    assert expected_best(scores, distances[None], k)[0] == pytest.approx(best)
    if np.ptp(scores) and np.ptp(distances):
        assert spearman(scores, distances[None])[0] == pytest.approx(spearmanr(scores, -distances)[0])
        assert kendall(scores, distances[None])[0] == pytest.approx(kendalltau(scores, -distances)[0])
        gains = 2 ** relevance(scores) - 1
        assert ndcg(scores, distances[None], k)[0] == pytest.approx(ndcg_score([gains], [-distances], k=k))


def test_many_rankings_at_once_are_each_alone() -> None:
    rng = np.random.default_rng(0)
    scores, rows = rng.integers(0, 9, 12).astype(float), rng.integers(0, 5, (7, 12)).astype(float)
    for measure in (spearman, kendall, lambda *both: ndcg(*both, 3), lambda *both: expected_best(*both, 3)):
        alone = [measure(scores, row[None])[0] for row in rows]
        np.testing.assert_allclose(measure(scores, rows), alone)


def test_equal_distances_rank_nothing_and_equal_scores_cannot_be_ranked() -> None:
    same = np.ones((1, 4))
    assert spearman(SCORES, same)[0] == kendall(SCORES, same)[0] == 0
    assert expected_best(SCORES, same, 1)[0] == SCORES.mean()
    for measure in (spearman, kendall, lambda *both: ndcg(*both, 3)):
        assert np.isnan(measure(np.ones(4), DISTANCES)[0])


def test_what_is_common_to_targets_sources_and_sizes_is_taken_off() -> None:
    rng = np.random.default_rng(1)
    sizes = rng.integers(10, 1000, (6, 5)).astype(float)
    common = rng.normal(size=(6, 1)) + rng.normal(size=5) + 0.7 * np.log1p(sizes)
    np.testing.assert_array_equal(without_main_effects(common, sizes), 0)
    values = common + rng.normal(size=(6, 5))
    values[2, 3] = np.nan
    rest = without_main_effects(values, sizes)
    assert np.isnan(rest[2, 3])
    np.testing.assert_allclose([np.nansum(rest, axis=0).sum(), np.nansum(rest, axis=1).sum()], 0, atol=1e-9)
    assert np.nansum(rest * np.log1p(sizes)) == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(np.nansum(rest, axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.nansum(rest, axis=1), 0, atol=1e-9)
