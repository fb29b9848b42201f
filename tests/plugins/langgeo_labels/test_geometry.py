import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import silhouette_score

from langgeo_labels.agreement import BESIDE, silhouettes
from langgeo_labels.api import neighbour_agreement, silhouette
from langgeo_labels.retrieval import Ranking


def line(*places: float) -> np.ndarray:
    return squareform(pdist(np.array(places)[:, None]))


def agreement(distances: np.ndarray, classes: list[int]) -> float:
    return neighbour_agreement(distances, np.array(classes))


def test_silhouette_by_hand():
    # (b − a)/max(a, b): 0 at 0: (4.5 − 1)/4.5; at 1: (3.5 − 1)/3.5; at 4: (3.5 − 1)/3.5; at 5: (4.5 − 1)/4.5.
    expected = (2 * 3.5 / 4.5 + 2 * 2.5 / 3.5) / 4
    assert silhouette(line(0, 1, 4, 5), np.array([0, 0, 1, 1])) == pytest.approx(expected)


@pytest.mark.parametrize("count", [2, 5, 20, 39])
def test_silhouette_agrees_with_scikit_learn(count: int):
    rng = np.random.default_rng(count)
    distances = squareform(pdist(rng.normal(size=(40, 3))))
    classes = np.concatenate([np.arange(count), rng.integers(0, count, 40 - count)]) * 7
    expected = silhouette_score(distances, classes, metric="precomputed")
    assert silhouette(distances, classes) == pytest.approx(expected, abs=1e-12)


def test_silhouette_of_equal_languages_is_zero():
    assert silhouette(np.zeros((4, 4)), np.array([0, 0, 1, 1])) == 0


def test_silhouette_is_undefined_for_one_class_and_for_single_languages():
    assert np.isnan(silhouette(line(0, 1, 2), np.array([3, 3, 3])))
    assert np.isnan(silhouette(line(0, 1, 2), np.array([0, 1, 2])))


def test_nearest_neighbours_by_hand():
    # 0 → 1 and 1 → 0 agree, 6 → 4 does not; those at 4 and 20 are alone in their class and cast no vote.
    assert agreement(line(0, 1, 4, 6, 20), [0, 0, 1, 0, 2]) == pytest.approx(2 / 3)
    assert agreement(line(0, 1, 4, 6, 20), [0, 0, 1, 1, 2]) == 1


def test_tied_neighbours_share_the_vote():
    # 1 lies between 0 (its class) and 2 (another): half a vote; 0 and 2 are nearest to 1.
    assert agreement(line(0, 1, 2, 10), [0, 0, 1, 1]) == pytest.approx((1 + 0.5 + 0 + 1) / 4)


def test_all_tied_is_the_share_of_the_own_class():
    assert agreement(np.zeros((6, 6)), [0, 0, 0, 1, 1, 1]) == pytest.approx(2 / 5)


def test_missing_pairs_are_nobodys_neighbours():
    distances = line(0, 1, 3)
    distances[0, 1] = distances[1, 0] = np.nan
    assert agreement(distances, [0, 1, 0]) == 1 / 2, "0 is nearest to 2, and 2 to 1"
    assert agreement(distances, [0, 1, 1]) == 1
    assert agreement(np.full((2, 2), np.nan), [0, 0]) == 0


def test_no_class_with_two_members_has_no_agreement():
    assert np.isnan(agreement(line(0, 1, 2), [0, 1, 2]))


@pytest.mark.parametrize("nearest", [1, 3, 5])
def test_agreement_by_brute_force_with_ties_missing_pairs_and_languages_left_out(nearest: int):
    rng = np.random.default_rng(nearest)
    for _ in range(30):
        distances = rng.integers(1, 6, (14, 14)).astype(float)
        distances = np.maximum(distances, distances.T)
        distances[np.triu(rng.random((14, 14)) < 0.15)] = np.nan
        distances = distances + 0 * distances.T
        np.fill_diagonal(distances, 0)
        classes = rng.integers(-1, 4, (3, 14))
        found = Ranking.of(distances, np.ones((14, 14), dtype=bool)).agreements(classes, nearest)
        expected = [share_by_hand(distances, row, nearest) for row in classes]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def share_by_hand(distances: np.ndarray, classes: np.ndarray, nearest: int) -> float:
    """Each neighbour has the part of a place that is left for it."""
    shares = []
    for query, own in enumerate(classes):
        relatives = (classes == own).sum() - 1
        if own < 0 or not relatives:
            continue
        near = sorted((distances[query, one], one) for one in np.flatnonzero(classes >= 0) if one != query)
        near = [(distance, one) for distance, one in near if np.isfinite(distance)]
        wanted, votes = min(nearest, len(near)), 0.0
        for distance, one in near:
            nearer, level = (sum(op(other, distance) for other, _ in near) for op in (np.less, np.equal))
            votes += min(1.0, max(0.0, nearest - nearer) / level) * (classes[one] == own)
        shares.append(votes / max(min(wanted, relatives), 1))
    return float(np.mean(shares)) if shares else float("nan")


@pytest.mark.parametrize("count", [12, BESIDE + 5])
def test_silhouettes_of_several_labellings_are_those_of_each_on_the_languages_that_take_part(count: int):
    rng = np.random.default_rng(count)
    distances = squareform(pdist(rng.normal(size=(count, 3))))
    classes = rng.integers(0, 4, size=(5, count))
    classes[1:3] = np.where(rng.random((2, count)) < 0.4, -1, classes[1:3])
    classes[3] = -1
    found = silhouettes(distances, classes)
    for codes, value in zip(classes[:3], found[:3], strict=True):
        among = codes >= 0
        expected = silhouette_score(distances[np.ix_(among, among)], codes[among], metric="precomputed")
        assert value == pytest.approx(expected, abs=1e-12)
    assert np.isnan(found[3]) and found[4] == silhouette(distances, classes[4])


def test_a_missing_pair_leaves_a_silhouette_undefined_where_both_take_part():
    distances = line(0, 1, 4, 5, 9)
    distances[0, 4] = distances[4, 0] = np.nan
    found = silhouettes(distances, np.array([[0, 0, 1, 1, 2], [0, 0, 1, 1, -1]]))
    assert np.isnan(found[0]) and found[1] == silhouette(line(0, 1, 4, 5), np.array([0, 0, 1, 1]))
