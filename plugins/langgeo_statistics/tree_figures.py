"""The figures of trees: how well they show the distances, and how far they agree with a reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

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
    """Languages, their distances, and how they are resampled.

    Parameters
    ----------
    values : (n, n) without a missing pair
    shuffled : (permutations, n) orders, for the null
    halved : (subsamples, n // 2) rows, for the interval
    """

    ids: tuple[str, ...]
    values: Float64
    shuffled: Int64
    halved: Int64

    def parts(self) -> Iterator[tuple[Float64, list[str]]]:
        """The distances and ids of each half."""
        for half in self.halved:
            yield self.values[np.ix_(half, half)], [self.ids[row] for row in half]


def shape(sample: Sample, names: Sequence[str]) -> Iterator[Figure]:
    """`cophenetic` of each tree: the correlation of its paths with the distances."""
    for name in names:
        tree = TREES[name](sample.values, sample.ids)
        halved = [cophenetic(TREES[name](values, ids), values) for values, ids in sample.parts()]
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
    within = quartets_of(n // 2, min(most, HALF_QUARTETS), rng)
    halved = np.array([treelikeness(values, within) for values, _ in sample.parts()]).reshape(-1, 2)
    yield Figure("delta", whole.delta, n, halved[:, 0], bounds=(0.0, 1.0))
    yield Figure("q-residual", whole.q_residual, n, halved[:, 1], bounds=(0.0, np.inf))


def agreement(sample: Sample, reference: Tree, names: Sequence[str]) -> Iterator[Figure]:
    """`triplet-agreement` of each rooted tree and `quartet-distance` of each tree with the reference.

    Parameters
    ----------
    sample : whose ids are the reference's, in its order
    """
    for name in names:
        tree = TREES[name](sample.values, sample.ids)
        if name in ROOTED:
            yield _figure(f"triplet-agreement:{name}", triplet_agreement, (sample, tree, reference))
    for name in names:
        tree = TREES[name](sample.values, sample.ids)
        yield _figure(f"quartet-distance:{name}", generalised_quartet_distance, (sample, tree, reference))


def _figure(name: str, measure: Callable[[Tree, Tree], float], given: tuple[Sample, Tree, Tree]) -> Figure:
    sample, tree, reference = given
    build = TREES[name.partition(":")[2]]
    halved = [measure(build(values, ids), reference.subset(ids)) for values, ids in sample.parts()]
    falls = measure is generalised_quartet_distance
    null = _shuffled_quartets if falls else _shuffled_triplets
    value = measure(tree, reference)
    shuffled = null(tree, reference, sample.shuffled) if np.isfinite(value) else None
    return Figure(name, value, len(sample.ids), np.array(halved), shuffled, (0.0, 1.0), falls)


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
