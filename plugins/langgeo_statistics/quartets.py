"""How far a tree agrees with another in its quartets and triplets, counted exactly and without listing them.

Christiansen, Mailund, Pedersen & Randers 2005 count the quartets that two trees of any degrees share in a number of
steps that is quadratic in the leaves; this is their count over branches, in a different order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from langgeo_core.api import NumericalError
from langgeo_statistics.tree import Tree

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sides:
    """The branches at every inner node of a tree without its root in mind: what lies below and what lies beyond.

    Parameters
    ----------
    leaves : (branches, n) 1 where a leaf lies in a branch, else 0; those of a node are neighbours
    bounds : (inner nodes + 1,) the first branch of each, and the number of all
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
    """Share of the quartets which the reference resolves that the tree resolves otherwise, or leaves open.

    After Pompei, Loreto & Tria 2011: what a reference with many-branched nodes leaves open is not held against the
    tree. 0 is full agreement; a random tree of two branches a node has about 2/3. NaN where the reference resolves no
    quartet. Neither tree is read as rooted.

    Raises
    ------
    NumericalError
        If the two have other leaves.
    """
    one, other = Sides.of(_aligned(tree, reference)), Sides.of(reference)
    resolved = shared_quartets(other, other)
    return 1 - shared_quartets(one, other) / resolved if resolved else float("nan")


def shared_quartets(one: Sides, other: Sides) -> float:
    """The number of quartets ab|cd that both trees have; with a tree itself, the number that it resolves.

    A quartet has two nodes at which two of its leaves part while the other two lie in a third branch. So twice the
    number is the sum, over all branches of both trees, of the pairs of leaves that two branches share, times the pairs
    that lie outside of both and part at both nodes.
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
    """Over the branches of two nodes: pairs of leaves within both, times pairs beyond both that part at both nodes."""
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
    """Pairs beyond both branches that do not part at one node or the other; those at neither are taken off outside."""
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
    """Where the pairs of leaves of a rooted tree meet.

    Parameters
    ----------
    nodes : (n, n) inner node of each pair, -1 on the diagonal
    below : (inner nodes, n) 1 where a leaf lies below, else 0
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
    """Share of the rooted triplets ab|c which the reference resolves that the tree resolves likewise.

    1 is full agreement; a random tree of two branches a node has about 1/3. NaN where the reference resolves none.

    Raises
    ------
    NumericalError
        If the two have other leaves.
    """
    one, other = Joins.of(_aligned(tree, reference)), Joins.of(reference)
    resolved = shared_triplets(other, other)
    return shared_triplets(one, other) / resolved if resolved else float("nan")


def shared_triplets(one: Joins, other: Joins) -> float:
    """The number of triplets ab|c that both trees have: the leaves above which neither node of a pair reaches."""
    n = one.below.shape[1]
    common = one.below @ other.below.T
    outside = n - one.below.sum(axis=1)[:, np.newaxis] - other.below.sum(axis=1) + common
    upper = np.triu_indices(n, 1)
    return float(outside[one.nodes[upper], other.nodes[upper]].sum())


def _aligned(tree: Tree, reference: Tree) -> Tree:
    """The tree with its leaves in the order of the reference's."""
    if set(tree.ids) != set(reference.ids):
        strange = sorted(set(tree.ids) ^ set(reference.ids))
        raise NumericalError(f"the trees have other leaves; only one of them has {', '.join(strange)}")
    return tree.subset(reference.ids)
