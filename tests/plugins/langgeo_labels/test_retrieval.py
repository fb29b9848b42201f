"""Average precision of one query and the means over queries and classes: by hand, by brute force, by scikit-learn."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import average_precision_score

from langgeo_labels.retrieval import ABSENT, TOGETHER, Ranking, class_interval, mean_precisions


def line(*places: float) -> np.ndarray:
    return squareform(pdist(np.array(places)[:, None]))


def precisions(distances: np.ndarray, classes: list[int], allowed: np.ndarray | None = None) -> np.ndarray:
    """(n,) of one labelling; by default every language is a candidate."""
    everyone = np.ones(distances.shape, dtype=bool)
    return Ranking.of(distances, everyone if allowed is None else allowed).precisions(np.array([classes]))[0]


def test_by_hand() -> None:
    # 0 ranks 1 (its class), 3, 6 (its class): (1/1 + 2/3) / 2; 1 likewise; 6 ranks 3, 1, 0: (1/2 + 2/3) / 2.
    found = precisions(line(0, 1, 3, 6), [0, 0, 1, 0])
    assert found == pytest.approx([5 / 6, 5 / 6, np.nan, 7 / 12], nan_ok=True)


def test_a_tie_by_hand() -> None:
    # 0 finds 1, then -2 and 2 at once, of which one is of its class: as the second candidate or as the third
    found = precisions(line(0, 1, -2, 2), [0, 0, 1, 0])
    assert found[0] == pytest.approx((1 + (2 / 2 + 2 / 3) / 2) / 2)


def all_orders(distances: np.ndarray, relatives: np.ndarray) -> float:
    """The mean of the average precision over every order of the candidates that the distances allow."""
    found = []
    for order in permutations(range(len(distances))):
        if (np.diff(distances[list(order)]) >= 0).all():
            hits = relatives[list(order)]
            found.append(((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits]).mean())
    return float(np.mean(found))


@pytest.mark.parametrize("seed", range(12))
def test_ties_are_the_mean_over_all_orders(seed: int) -> None:
    rng = np.random.default_rng(seed)
    distances = np.triu(rng.integers(1, 4, (7, 7)), 1).astype(float)
    distances += distances.T
    classes = rng.integers(0, 2, 7)
    for query, found in enumerate(precisions(distances, list(classes))):
        others = np.arange(7) != query
        relatives = classes[others] == classes[query]
        expected = all_orders(distances[query, others], relatives) if relatives.any() else np.nan
        assert found == pytest.approx(expected, abs=1e-14, nan_ok=True)


def test_all_tied_is_what_any_order_would_give() -> None:
    # two relatives among four, at each of six pairs of places: (1/1 + 2/2) / 2, (1/1 + 2/3) / 2, …, (1/3 + 2/4) / 2
    expected = np.mean([2, 5 / 3, 3 / 2, 7 / 6, 1, 5 / 6]) / 2
    assert precisions(np.zeros((5, 5)), [0, 0, 0, 1, 1])[0] == pytest.approx(expected)


@pytest.mark.parametrize("count", [2, 7, 30])
def test_without_ties_it_is_that_of_scikit_learn(count: int) -> None:
    rng = np.random.default_rng(count)
    distances = squareform(pdist(rng.normal(size=(60, 3))))
    classes = rng.integers(0, count, 60)
    for query, found in enumerate(precisions(distances, list(classes))):
        others = np.arange(60) != query
        same = classes[others] == classes[query]
        expected = average_precision_score(same, -distances[query, others]) if same.any() else np.nan
        assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_missing_pairs_are_no_candidates() -> None:
    distances = line(0, 1, 3, 6)
    distances[0, 1] = distances[1, 0] = np.nan
    # 0 ranks 3, 6 (its class); 1 likewise; without 3 and 6 of its class, 0 would have no relative and be no query
    assert precisions(distances, [0, 0, 1, 0])[:2] == pytest.approx([1 / 2, 1 / 2])
    assert np.isnan(precisions(distances, [0, 0, 1, 1])[:2]).all()
    assert np.isnan(precisions(np.full((3, 3), np.nan), [0, 0, 0])).all()


def test_languages_left_out_are_neither_queries_nor_candidates() -> None:
    rng = np.random.default_rng(3)
    distances = np.round(squareform(pdist(rng.normal(size=(30, 2)))), 1)
    classes, kept = rng.integers(0, 4, 30), np.sort(rng.choice(30, 17, replace=False))
    masked = np.full(30, ABSENT)
    masked[kept] = classes[kept]
    found = precisions(distances, list(masked))
    alone = precisions(distances[np.ix_(kept, kept)], list(classes[kept]))
    np.testing.assert_array_equal(found[kept], alone)
    assert np.isnan(np.delete(found, kept)).all()


@pytest.mark.parametrize("digits", [8, 0])
def test_many_labellings_have_the_precisions_of_each_alone(digits: int) -> None:
    rng = np.random.default_rng(4)
    distances = np.round(squareform(pdist(rng.normal(size=(12, 2)))), digits)
    ranking = Ranking.of(distances, np.ones((12, 12), dtype=np.bool_))
    classes = rng.integers(ABSENT, 3, size=(TOGETHER + 3, 12))
    alone = np.concatenate([ranking.precisions(one[np.newaxis]) for one in classes])
    assert len(np.unique(alone[np.isfinite(alone)])) > 100
    np.testing.assert_array_equal(ranking.precisions(classes), alone)


def test_only_allowed_candidates_are_ranked() -> None:
    rng = np.random.default_rng(4)
    distances = np.round(squareform(pdist(rng.normal(size=(20, 2)))), 1)
    classes, allowed = rng.integers(0, 3, 20), rng.random((20, 20)) < 0.5
    holes = np.where(allowed, distances, np.nan)
    np.testing.assert_array_equal(precisions(distances, list(classes), allowed), precisions(holes, list(classes)))


def test_means_by_hand() -> None:
    known = np.array([[0.2, 0.4, np.nan, 0.9, 0.5], [np.nan] * 5])
    classes = np.array([[0, 0, 1, 3, 3], [0, 1, 2, 3, 4]])
    over_queries, over_classes = mean_precisions(known, classes)
    assert over_queries == pytest.approx([0.5, np.nan], nan_ok=True)
    assert over_classes == pytest.approx([(0.3 + 0.7) / 2, np.nan], nan_ok=True)


def test_the_interval_over_classes_by_hand() -> None:
    # se² = 2/3 · (0.05² + 0 + 0.05²); Student's t of two degrees of freedom at 0.975 is 4.302653
    low, high = class_interval(0.5, np.array([0.45, 0.5, 0.55]))
    assert (low + high) / 2 == pytest.approx(0.5)
    assert high - 0.5 == pytest.approx(4.302653 * np.sqrt(2 / 3 * 0.005), rel=1e-6)
    assert class_interval(0.5, np.array([0.1, 0.9])) == (0.0, 1.0)
    assert class_interval(0.5, np.array([np.nan])) is None and class_interval(0.5, np.array([])) is None
