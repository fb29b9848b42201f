from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from tree_cases import names, random_distances, random_tree

from langgeo_atlas.api import space
from langgeo_statistics.quartets import quartets_of, treelikeness
from langgeo_statistics.trees import upgma

RNG = np.random.default_rng(0)


def four(ab: float, cd: float, ac: float, bd: float, ad: float, bc: float) -> np.ndarray:
    return np.array([[0, ab, ac, ad], [ab, 0, bc, bd], [ac, bc, 0, cd], [ad, bd, cd, 0]], dtype=float)


def test_one_quartet_by_hand() -> None:
    """Sums 4, 10 and 8: delta = (10 − 8) / (10 − 4); the mean distance is 22 / 6."""
    found = treelikeness(four(2, 2, 4, 6, 3, 5), quartets_of(4, 10, RNG))
    assert found.delta == pytest.approx(1 / 3)
    assert found.q_residual == pytest.approx((2 / (22 / 6)) ** 2)


def test_five_languages_as_a_loop_over_quartets() -> None:
    distances = random_distances(5, 3)
    deltas = []
    for a, b, c, d in combinations(range(5), 4):
        sums = (
            distances[a, b] + distances[c, d],
            distances[a, c] + distances[b, d],
            distances[a, d] + distances[b, c],
        )
        least, middle, most = sorted(sums)
        deltas.append((most - middle) / (most - least))
    assert treelikeness(distances, quartets_of(5, 10, RNG)).delta == pytest.approx(np.mean(deltas))


@pytest.mark.parametrize("seed", range(3))
def test_paths_on_a_tree_are_a_tree(seed: int) -> None:
    for tree in (random_tree(9, seed), upgma(random_distances(9, seed), names(9))):
        found = treelikeness(tree.paths, quartets_of(9, 1000, RNG))
        assert found.delta == pytest.approx(0, abs=1e-9)
        assert found.q_residual == pytest.approx(0, abs=1e-20)


def test_equal_distances_are_a_star_and_none_are_nothing() -> None:
    equal = treelikeness(1 - np.eye(6), quartets_of(6, 100, RNG))
    assert (equal.delta, equal.q_residual) == (0, 0)
    assert np.isnan(treelikeness(np.zeros((6, 6)), quartets_of(6, 100, RNG)).delta)


def test_scale_changes_nothing() -> None:
    distances, quartets = random_distances(8, 1), quartets_of(8, 1000, RNG)
    assert treelikeness(1000 * distances, quartets) == pytest.approx(treelikeness(distances, quartets))


def test_all_quartets_or_a_sample_without_repeats_within() -> None:
    assert len(quartets_of(9, comb(9, 4), RNG)) == comb(9, 4)
    drawn = quartets_of(30, 500, RNG)
    assert drawn.shape == (500, 4)
    assert all(len(set(quartet)) == 4 for quartet in drawn.tolist())


def test_a_sample_comes_near_the_whole() -> None:
    distances = random_distances(25, 7)
    whole = treelikeness(distances, quartets_of(25, comb(25, 4), RNG))
    drawn = treelikeness(distances, quartets_of(25, 6000, RNG))
    assert drawn.delta == pytest.approx(whole.delta, abs=0.02)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("glottolog-tree", 0.02), ("geography", 0.28), ("paper", 0.28), ("best", 0.30), ("letters", 0.32)],
)
def test_the_packaged_spaces_have_the_scores_of_the_page_on_formats(name: str, expected: float) -> None:
    drawn = quartets_of(len(space(name)), 200_000, np.random.default_rng(0))
    assert treelikeness(space(name).distances.values, drawn).delta == pytest.approx(expected, abs=0.006)


def test_random_numbers_have_half_and_points_of_a_plane_less() -> None:
    source = np.random.default_rng(0)
    numbers = squareform(source.uniform(size=60 * 59 // 2))
    points = squareform(pdist(source.normal(size=(60, 2))))
    drawn = quartets_of(60, 200_000, source)
    assert treelikeness(numbers, drawn).delta == pytest.approx(0.50, abs=0.01)
    assert treelikeness(points, drawn).delta == pytest.approx(0.31, abs=0.03)
