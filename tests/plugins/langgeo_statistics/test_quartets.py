from __future__ import annotations

import numpy as np
import pytest
from tree_cases import listed, names, random_distances, random_tree

from langgeo_core.api import NumericalError
from langgeo_statistics.quartets import Joins, Sides, generalised_quartet_distance, shared_quartets, triplet_agreement
from langgeo_statistics.trees import from_paths, neighbour_joining, upgma


@pytest.mark.parametrize("seed", range(12))
def test_quartets_as_listed_one_by_one_on_trees_of_any_degrees(seed: int) -> None:
    n = 5 + seed % 5
    tree, reference = random_tree(n, seed), random_tree(n, seed + 100, choices=2 + seed % 3)
    resolved, alike = listed(tree, reference, 4)
    assert shared_quartets(Sides.of(reference), Sides.of(reference)) == resolved
    distance = generalised_quartet_distance(tree, reference)
    assert distance == pytest.approx(1 - alike / resolved) if resolved else np.isnan(distance)


@pytest.mark.parametrize("seed", range(6))
def test_a_joined_tree_against_a_polytomy_as_listed(seed: int) -> None:
    tree, reference = neighbour_joining(random_distances(8, seed), names(8)), random_tree(8, seed, choices=2)
    resolved, alike = listed(tree, reference, 4)
    assert generalised_quartet_distance(tree, reference) == pytest.approx(1 - alike / resolved)


@pytest.mark.parametrize("seed", range(12))
def test_triplets_as_listed_one_by_one(seed: int) -> None:
    n = 4 + seed % 6
    tree, reference = upgma(random_distances(n, seed), names(n)), random_tree(n, seed + 50)
    resolved, alike = listed(tree, reference, 3)
    agreement = triplet_agreement(tree, reference)
    assert agreement == pytest.approx(alike / resolved) if resolved else np.isnan(agreement)


def test_a_binary_tree_resolves_every_quartet_and_a_star_none() -> None:
    binary = neighbour_joining(random_distances(20, 1), names(20))
    star = from_paths({name: () for name in names(20)})
    assert shared_quartets(Sides.of(binary), Sides.of(binary)) == 20 * 19 * 18 * 17 / 24
    assert shared_quartets(Sides.of(star), Sides.of(binary)) == 0
    assert generalised_quartet_distance(star, binary) == 1
    assert np.isnan(generalised_quartet_distance(binary, star))
    assert generalised_quartet_distance(binary, binary) == 0


def test_the_order_of_the_leaves_changes_nothing() -> None:
    tree, reference = random_tree(12, 3), random_tree(12, 4)
    shuffled = tree.subset(tuple(reversed(tree.ids)))
    assert generalised_quartet_distance(shuffled, reference) == generalised_quartet_distance(tree, reference)
    assert triplet_agreement(shuffled, reference) == triplet_agreement(tree, reference)


def test_relabelled_is_the_tree_under_shuffled_names() -> None:
    tree, reference = random_tree(10, 5, choices=2), random_tree(10, 6, choices=2)
    order = np.random.default_rng(0).permutation(10)
    renamed = from_paths({name: () for name in names(10)})
    assert renamed.ids == tree.ids
    named = {tree.ids[place]: name for name, place in zip(tree.ids, order, strict=True)}
    shuffled = type(tree)(tuple(named[identifier] for identifier in tree.ids), tree.children, tree.lengths)
    other = Sides.of(reference)
    expected = generalised_quartet_distance(shuffled, reference)
    assert 1 - shared_quartets(Sides.of(tree).relabelled(order), other) / shared_quartets(other, other) == expected
    joins = Joins.of(tree).relabelled(order)
    assert (joins.nodes == Joins.of(shuffled.subset(tree.ids)).nodes).all()


def test_trees_of_other_leaves_are_refused() -> None:
    with pytest.raises(NumericalError, match="l04"):
        generalised_quartet_distance(random_tree(4, 1), random_tree(5, 1))
