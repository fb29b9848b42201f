"""The figures of trees: how well they show the distances, and how far they agree with a reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from langgeo_statistics.quartets import (
    Joins,
    Sides,
    generalised_quartet_distance,
    shared_quartets,
    shared_triplets,
    triplet_agreement,
)
from langgeo_statistics.rows import Figure
from langgeo_statistics.tree import Tree
from langgeo_statistics.treelikeness import quartets_of, treelikeness
from langgeo_statistics.trees import ROOTED, TREES

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

HALF_QUARTETS = 20_000
"""The most quartets of each half of the languages that delta and the Q-residual read."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Languages, their distances, how they are resampled, and the trees that are made of them.

    Parameters
    ----------
    values : (n, n) without a missing pair
    shuffled : (permutations, n) orders, for the null
    halved : (subsamples, n // 2) rows, for the interval
    names : of the trees
    """

    ids: tuple[str, ...]
    values: Float64
    shuffled: Int64
    halved: Int64
    names: tuple[str, ...]

    @cached_property
    def parts(self) -> list[tuple[Float64, list[str]]]:
        """The distances and ids of each half."""
        return [(self.values[np.ix_(half, half)], [self.ids[row] for row in half]) for half in self.halved]

    @cached_property
    def trees(self) -> dict[str, Tree]:
        """Each tree by its name."""
        return {name: TREES[name](self.values, self.ids) for name in self.names}

    @cached_property
    def half_trees(self) -> dict[str, list[Tree]]:
        """Each tree of each half, made anew."""
        return {name: [TREES[name](values, ids) for values, ids in self.parts] for name in self.names}


def shape(sample: Sample) -> Iterator[Figure]:
    """`cophenetic` of each tree: the correlation of its paths with the distances."""
    for name, tree in sample.trees.items():
        halves = zip(sample.half_trees[name], sample.parts, strict=True)
        halved = [cophenetic(half, values) for half, (values, _) in halves]
        yield Figure(f"cophenetic:{name}", cophenetic(tree, sample.values), len(sample.ids), np.array(halved))


def cophenetic(tree: Tree, values: Float64) -> float:
    """Pearson's correlation of a tree's paths with (n, n) distances in its order; NaN where either are all the same."""
    upper = np.triu_indices(len(values), 1)
    paths, distances = tree.paths[upper], values[upper]
    if np.ptp(paths) == 0 or np.ptp(distances) == 0:
        return float("nan")
    return float(np.corrcoef(paths, distances)[0, 1])


def likeness(sample: Sample, most: int, rng: np.random.Generator) -> Iterator[Figure]:
    """`delta` and `q-residual`."""
    n = len(sample.ids)
    whole = treelikeness(sample.values, quartets_of(n, most, rng))
    within = quartets_of(n // 2, min(most, HALF_QUARTETS), rng) if sample.parts else np.empty((0, 4), dtype=np.int64)
    halved = np.array([treelikeness(values, within) for values, _ in sample.parts]).reshape(-1, 2)
    yield Figure("delta", whole.delta, n, halved[:, 0], bounds=(0.0, 1.0))
    yield Figure("q-residual", whole.q_residual, n, halved[:, 1], bounds=(0.0, np.inf))


def agreement(sample: Sample, reference: Tree) -> Iterator[Figure]:
    """`triplet-agreement` of each rooted tree and `quartet-distance` of each tree with the reference.

    Parameters
    ----------
    sample : whose ids are the reference's, in its order
    """
    references = [reference.subset(ids) for _, ids in sample.parts]
    for name, tree in sample.trees.items():
        if name in ROOTED:
            value = triplet_agreement(tree, reference)
            halved = list(map(triplet_agreement, sample.half_trees[name], references))
            null = _shuffled_triplets(tree, reference, sample.shuffled) if np.isfinite(value) else None
            yield Figure(f"triplet-agreement:{name}", value, len(sample.ids), np.array(halved), null, (0.0, 1.0))
    for name, tree in sample.trees.items():
        value = generalised_quartet_distance(tree, reference)
        halved = list(map(generalised_quartet_distance, sample.half_trees[name], references))
        null = _shuffled_quartets(tree, reference, sample.shuffled) if np.isfinite(value) else None
        yield Figure(f"quartet-distance:{name}", value, len(sample.ids), np.array(halved), null, (0.0, 1.0), True)


def _shuffled_quartets(tree: Tree, reference: Tree, orders: Int64) -> Float64:
    """(permutations,) quartet distances of the tree with its leaves' names shuffled."""
    one, other = Sides.of(tree), Sides.of(reference)
    resolved = shared_quartets(other, other)
    return 1 - np.array([shared_quartets(one.relabelled(order), other) for order in orders]) / resolved


def _shuffled_triplets(tree: Tree, reference: Tree, orders: Int64) -> Float64:
    """(permutations,) triplet agreements of the tree with its leaves' names shuffled."""
    one, other = Joins.of(tree), Joins.of(reference)
    resolved = shared_triplets(other, other)
    return np.array([shared_triplets(one.relabelled(order), other) for order in orders]) / resolved
