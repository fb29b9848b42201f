"""Trees of distances, and the tree that languages' lineages make.

Distances that tie can leave several trees to choose from. Those made here begin with the languages in the order of
their ids, so that it is never their order in a run that chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from langgeo_baselines.tree import path_of
from langgeo_core.api import Language, NumericalError
from langgeo_statistics.tree import Tree

Float64 = NDArray[np.float64]
Builder = Callable[[Float64, Sequence[str]], Tree]

ROUNDING = 1e-12
"""An inner edge shorter than this share of the largest distance is rounding, and resolves nothing."""


def neighbour_joining(values: Float64, ids: Sequence[str]) -> Tree:
    """The neighbour-joining tree (Saitou & Nei 1987, with the criterion of Studier & Keppler 1988).

    It is unrooted: its root is only the last node made, with three children. Edges can have negative lengths. Edges of
    no length are left out, so that the tree is open there.

    Parameters
    ----------
    values : (n, n) distances without a missing pair
    ids : (n,) at least two
    """
    return _in_order_of_ids(_joined_neighbours, values, ids)


def _joined_neighbours(values: Float64, ids: Sequence[str]) -> Tree:
    n = len(ids)
    distances, nodes = values.astype(np.float64), np.arange(n)
    children: list[tuple[int, ...]] = []
    lengths = np.zeros(2 * n)
    while len(nodes) > 3:
        one, other = _closest(distances)
        lengths[nodes[[one, other]]] = _lengths(distances, one, other)
        children.append((int(nodes[one]), int(nodes[other])))
        distances, nodes = _joined(distances, nodes, (one, other), n + len(children) - 1)
    children.append(tuple(int(node) for node in nodes))
    lengths[nodes] = _last(distances)
    made = n + len(children)
    tree = Tree(tuple(ids), tuple(children), tuple(lengths[:made].tolist()))
    return tree.collapsed(ROUNDING * float(values.max()))


def _closest(distances: Float64) -> tuple[int, int]:
    totals = distances.sum(axis=1)
    criterion = (len(distances) - 2) * distances - totals[:, np.newaxis] - totals
    np.fill_diagonal(criterion, np.inf)
    one, other = divmod(int(criterion.argmin()), len(distances))
    return min(one, other), max(one, other)


def _lengths(distances: Float64, one: int, other: int) -> tuple[float, float]:
    """From two nodes to the node that joins them."""
    between = distances[one, other]
    lean = (distances[one].sum() - distances[other].sum()) / (len(distances) - 2)
    return (between + lean) / 2, (between - lean) / 2


def _joined(
    distances: Float64, nodes: NDArray[np.int64], pair: tuple[int, int], new: int
) -> tuple[Float64, NDArray[np.int64]]:
    """The distances with the new node in the place of the first of the pair and without the second."""
    one, other = pair
    distances[one] = distances[:, one] = (distances[one] + distances[other] - distances[one, other]) / 2
    distances[one, one] = 0.0
    nodes = nodes.copy()
    nodes[one] = new
    kept = np.arange(len(nodes)) != other
    return distances[np.ix_(kept, kept)], nodes[kept]


def _last(distances: Float64) -> Float64:
    """Lengths of the edges that meet in the last node: of three, or of two that share what is between them."""
    if len(distances) == 2:
        return np.full(2, distances[0, 1] / 2)
    lengths: Float64 = distances.sum(axis=1) - distances.sum() / 4
    return lengths


def ward(values: Float64, ids: Sequence[str]) -> Tree:
    """Ward's tree (Ward 1963; Lance & Williams 1967), rooted; leaves lie half the height of a join below it.

    Heights are exact for Euclidean distances and a rule of thumb for others.

    Parameters
    ----------
    values : (n, n) distances without a missing pair
    ids : (n,) at least two
    """
    return _in_order_of_ids(partial(_hierarchical, method="ward"), values, ids)


def upgma(values: Float64, ids: Sequence[str]) -> Tree:
    """The tree of average linkage (Sokal & Michener 1958), rooted; leaves lie half the height of a join below it.

    Parameters
    ----------
    values : (n, n) distances without a missing pair
    ids : (n,) at least two
    """
    return _in_order_of_ids(partial(_hierarchical, method="average"), values, ids)


def _hierarchical(values: Float64, ids: Sequence[str], method: str) -> Tree:
    n = len(ids)
    joins = linkage(squareform(values, checks=False), method=method)
    heights = np.concatenate([np.zeros(n), joins[:, 2] / 2])
    lengths = np.zeros(len(heights))
    for inner, pair in enumerate(joins[:, :2].astype(np.int64)):
        lengths[pair] = heights[n + inner] - heights[pair]
    children = tuple((int(one), int(other)) for one, other in joins[:, :2])
    return Tree(tuple(ids), children, tuple(lengths.tolist())).collapsed(ROUNDING * float(values.max()))


def _in_order_of_ids(build: Builder, values: Float64, ids: Sequence[str]) -> Tree:
    """The tree that the builder makes of the languages in the order of their ids, its leaves in the order given."""
    _check(values, ids)
    order = sorted(range(len(ids)), key=lambda row: ids[row])
    return build(values[np.ix_(order, order)], [ids[row] for row in order]).subset(ids)


def _check(values: Float64, ids: Sequence[str]) -> None:
    if len(ids) < 2 or values.shape != (len(ids), len(ids)):
        raise NumericalError(f"a tree needs two languages or more, not distances {values.shape} of {len(ids)}")
    if np.isnan(values).any():
        raise NumericalError("a tree needs every pair of languages, and some are missing")


TREES: dict[str, Builder] = {"nj": neighbour_joining, "ward": ward, "upgma": upgma}
"""The trees of distances by the names that options and metrics give them."""

ROOTED = ("ward", "upgma")


def from_lineages(languages: Sequence[Language]) -> Tree:
    """Glottolog's tree of the languages, every edge 1 long; it has nodes with many children.

    Families meet in the root. Pseudo-families are no node: their languages hang from the root. Texts of one languoid
    hang from it side by side.

    Raises
    ------
    NumericalError
        If Glottolog has no place for a language; see `placed`.
    """
    homeless = [language.id for language in languages if not path_of(language)]
    if homeless:
        raise NumericalError(f"Glottolog's tree has no place for {', '.join(homeless)}")
    return from_paths({language.id: path_of(language) for language in languages})


def placed(languages: Sequence[Language]) -> tuple[Language, ...]:
    """Those that Glottolog's tree has a place for."""
    return tuple(language for language in languages if path_of(language))


def from_paths(paths: dict[str, tuple[str, ...]]) -> Tree:
    """The tree of leaves whose inner nodes are known by name, from below the root down; every edge is 1 long.

    Nodes of a single child are passed over.
    """
    ids, ways = tuple(paths), tuple(paths.values())
    children: list[tuple[int, ...]] = []

    def grow(leaves: list[int], depth: int) -> int:
        nodes = [leaf for leaf in leaves if len(ways[leaf]) == depth]
        groups: dict[str, list[int]] = {}
        for leaf in leaves:
            if len(ways[leaf]) > depth:
                groups.setdefault(ways[leaf][depth], []).append(leaf)
        nodes += [grow(group, depth + 1) for group in groups.values()]
        if len(nodes) == 1:
            return nodes[0]
        children.append(tuple(nodes))
        return len(ids) + len(children) - 1

    if len(ids) < 2:
        raise NumericalError("a tree needs two languages or more")
    grow(list(range(len(ids))), 0)
    return Tree(ids, tuple(children), (*[1.0] * (len(ids) + len(children) - 1), 0.0))
