"""Quartets and triplets of languages: how well any tree can fit some distances, and how far two trees agree.

Fit: delta scores and Q-residuals of the quartets of the distances, without building a tree. Agreement: quartets and
triplets that two trees share, counted exactly and without listing them. Christiansen, Mailund, Pedersen & Randers 2005
count the shared quartets of trees of any degree in a number of steps that is quadratic in the leaves; this is their
count over branches, in a different order.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from langgeo_core.api import NumericalError
from langgeo_statistics.trees import Tree

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

ROUNDING = 1e-12
"""Sums that differ by less than this share of the mean distance are equal."""


class Treelikeness(NamedTuple):
    """Means over quartets, 0 for distances that fit a tree exactly."""

    delta: float
    q_residual: float


def treelikeness(distances: Float64, quartets: Int64) -> Treelikeness:
    """Mean delta score (Holland, Huber, Dress & Moulton 2002) and mean Q-residual (Gray, Bryant & Greenhill 2010).

    With a ≥ b ≥ c the sums of distances within the two pairs, for the three ways to divide a quartet into pairs, delta
    is (a − b) / (a − c), or 0 where all are equal, and the Q-residual is (a − b)², of distances scaled to a mean of 1.
    NaN where all distances are 0.

    Parameters
    ----------
    distances : (n, n) without a missing pair
    quartets : (m, 4) rows of the distances
    """
    mean = distances[~np.eye(len(distances), dtype=np.bool_)].mean()
    if not mean or not len(quartets):
        return Treelikeness(float("nan"), float("nan"))
    a, b, c, d = quartets.T
    sums = np.stack([distances[a, b] + distances[c, d], distances[a, c] + distances[b, d]])
    sums = np.sort(np.vstack([sums, distances[a, d] + distances[b, c]]), axis=0)
    gap, room = sums[2] - sums[1], sums[2] - sums[0]
    deltas = np.divide(gap, room, out=np.zeros_like(gap), where=room > ROUNDING * mean)
    return Treelikeness(float(deltas.mean()), float(np.mean((gap / mean) ** 2)))


def quartets_of(n: int, most: int, rng: np.random.Generator) -> Int64:
    """(m, 4): all quartets of n, or if these are more than `most`, that many drawn at random with replacement."""
    if comb(n, 4) <= most:
        return np.array(list(combinations(range(n), 4)), dtype=np.int64).reshape(-1, 4)
    found = np.empty((0, 4), dtype=np.int64)
    while len(found) < most:
        some = rng.integers(n, size=(2 * most, 4))
        ordered = np.sort(some, axis=1)
        found = np.vstack([found, some[(np.diff(ordered, axis=1) > 0).all(axis=1)]])
    return found[:most]


@dataclass(frozen=True, eq=False)
class Sides:
    """The branches at every inner node of an unrooted tree: those below it, and the one with all other leaves.

    Parameters
    ----------
    leaves : (branches, n) 1 where a leaf is in a branch, else 0; the branches of a node are consecutive
    bounds : (inner nodes + 1,) the first branch of each node, and the number of all branches
    """

    leaves: Float64
    bounds: Int64

    @classmethod
    def of(cls, tree: Tree) -> Self:
        """The branches of a tree."""
        n = len(tree.ids)
        groups = [
            np.vstack([tree.below[list(group)], ~tree.below[n + inner]]) for inner, group in enumerate(tree.children)
        ]
        bounds = np.cumsum([0, *(len(group) for group in groups)])
        return cls(np.vstack(groups).astype(np.float64), bounds.astype(np.int64))

    def relabelled(self, order: Int64) -> Self:
        """The same tree with its leaves' names shuffled."""
        return type(self)(self.leaves[:, order], self.bounds)


def generalised_quartet_distance(tree: Tree, reference: Tree) -> float:
    """Share of the quartets that the reference resolves and the tree resolves differently, or does not resolve.

    After Pompei, Loreto & Tria 2011: quartets that the reference does not resolve, as at nodes with many branches, do
    not count. 0 is full agreement; a random binary tree has about 2/3. NaN where the reference resolves no quartet.
    Both trees are read as unrooted.

    Raises
    ------
    NumericalError
        If their leaves differ.
    """
    one, other = Sides.of(_aligned(tree, reference)), Sides.of(reference)
    resolved = shared_quartets(other, other)
    return 1 - shared_quartets(one, other) / resolved if resolved else float("nan")


def shared_quartets(one: Sides, other: Sides) -> float:
    """The number of quartets ab|cd that both trees have; with a tree itself, the number that it resolves.

    A quartet has two nodes at which two of its leaves separate while the other two are in a third branch. So twice the
    number is the sum, over all pairs of a branch of each tree, of the pairs of leaves in both branches, times the pairs
    outside of both that separate at both nodes.
    """
    common = one.leaves @ other.leaves.T
    sizes = one.leaves.sum(axis=1), other.leaves.sum(axis=1)
    return float(_over_nodes(common, *sizes, one.bounds, other.bounds, one.leaves.shape[1])) / 2


@njit(cache=True)
def _over_nodes(common, sizes_one, sizes_other, bounds_one, bounds_other, n):  # type: ignore[no-untyped-def]
    """Twice the quartets shared.

    Parameters
    ----------
    common : (branches, branches) leaves that two branches share
    sizes_one, sizes_other : (branches,) leaves of each
    bounds_one, bounds_other : (inner nodes + 1,) first branch of each node
    n : leaves of either tree
    """
    total = 0.0
    for one in range(len(bounds_one) - 1):
        rows = slice(bounds_one[one], bounds_one[one + 1])
        for other in range(len(bounds_other) - 1):
            columns = slice(bounds_other[other], bounds_other[other + 1])
            total += _at_nodes(common[rows, columns], sizes_one[rows], sizes_other[columns], n)
    return total


@njit(cache=True)
def _at_nodes(common, sizes_one, sizes_other, n):  # type: ignore[no-untyped-def]
    """Over the branches of two nodes: pairs of leaves in both, times pairs outside both that separate at both nodes."""
    together = 0.0
    for row in range(len(sizes_one)):
        for column in range(len(sizes_other)):
            together += _pairs(common[row, column])
    total = 0.0
    for row in range(len(sizes_one)):
        for column in range(len(sizes_other)):
            within = _pairs(common[row, column])
            if within > 0:
                beyond = _pairs(n - sizes_one[row] - sizes_other[column] + common[row, column])
                alike = _alike(common, sizes_one, sizes_other, row, column)
                total += within * (beyond - alike + together + within)
    return total


@njit(cache=True, inline="always")
def _alike(common, sizes_one, sizes_other, row, column):  # type: ignore[no-untyped-def]
    """Pairs outside both branches that do not separate at one node or the other; those at neither count twice."""
    alike = 0.0
    for other in range(len(sizes_one)):
        alike += _pairs(common[other, column])
        if other != row:
            alike += _pairs(sizes_one[other] - common[other, column])
    for other in range(len(sizes_other)):
        alike += _pairs(common[row, other])
        if other != column:
            alike += _pairs(sizes_other[other] - common[row, other])
    return alike


@njit(cache=True, inline="always")
def _pairs(count):  # type: ignore[no-untyped-def]
    return count * (count - 1) / 2


@dataclass(frozen=True, eq=False)
class Joins:
    """The lowest common node of each pair of leaves of a rooted tree.

    Parameters
    ----------
    nodes : (n, n) inner node of each pair, -1 on the diagonal
    below : (inner nodes, n) 1 where a leaf is below, else 0
    """

    nodes: Int64
    below: Float64

    @classmethod
    def of(cls, tree: Tree) -> Self:
        """The joins of a tree."""
        return cls(tree.ancestors, tree.below[len(tree.ids) :].astype(np.float64))

    def relabelled(self, order: Int64) -> Self:
        """The same tree with its leaves' names shuffled."""
        return type(self)(self.nodes[np.ix_(order, order)], self.below[:, order])


def triplet_agreement(tree: Tree, reference: Tree) -> float:
    """Share of the rooted triplets ab|c that the reference resolves and the tree resolves in the same way.

    1 is full agreement; a random binary tree has about 1/3. NaN where the reference resolves none.

    Raises
    ------
    NumericalError
        If their leaves differ.
    """
    one, other = Joins.of(_aligned(tree, reference)), Joins.of(reference)
    resolved = shared_triplets(other, other)
    return shared_triplets(one, other) / resolved if resolved else float("nan")


def shared_triplets(one: Joins, other: Joins) -> float:
    """The number of triplets ab|c that both trees have: for each pair ab, the leaves outside its node in both."""
    n = one.below.shape[1]
    common = one.below @ other.below.T
    outside = n - one.below.sum(axis=1)[:, np.newaxis] - other.below.sum(axis=1) + common
    upper = np.triu_indices(n, 1)
    return float(outside[one.nodes[upper], other.nodes[upper]].sum())


def _aligned(tree: Tree, reference: Tree) -> Tree:
    """The tree with its leaves in the order of the reference's."""
    if set(tree.ids) != set(reference.ids):
        strange = sorted(set(tree.ids) ^ set(reference.ids))
        raise NumericalError(f"the trees have different leaves; only one of them has {', '.join(strange)}")
    return tree.subset(reference.ids)
