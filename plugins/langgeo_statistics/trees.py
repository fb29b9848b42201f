"""Trees over languages: from distances, from Glottolog's classification, and their operations.

Distances that tie can leave several trees to choose from. Trees are built from the languages in the order of their
ids, so that the choice never depends on their order in a run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from langgeo_core.api import Language, NumericalError
from langgeo_formats.api import quoted
from langgeo_glottolog.api import path_of

Float64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROUNDING = 1e-12
"""An inner edge shorter than this share of the largest distance is rounding, and resolves nothing."""


@dataclass(frozen=True)
class Tree:
    """A rooted tree: leaves 0 to n − 1 and the inner nodes above them, each with two children or more.

    Parameters
    ----------
    ids : (n,) language ids of the leaves, unique, at least two
    children : of the inner nodes n, n + 1, …, the root last; a node's children are numbered below it
    lengths : of the edge above each node, in the units of the distances; the root's is 0
    """

    ids: tuple[str, ...]
    children: tuple[tuple[int, ...], ...]
    lengths: tuple[float, ...]

    def __post_init__(self) -> None:
        below = sorted(chain.from_iterable(self.children))
        nodes = len(self.ids) + len(self.children)
        forward = all(max(group) < len(self.ids) + inner for inner, group in enumerate(self.children))
        if len(set(self.ids)) != len(self.ids) or len(self.ids) < 2:
            raise NumericalError("a tree needs at least two leaves with different ids")
        if below != list(range(nodes - 1)) or not forward or len(self.lengths) != nodes:
            raise NumericalError("not a tree: every node but the root needs one parent, with a higher number")

    @cached_property
    def below(self) -> Bools:
        """(nodes, n): whether a leaf is the node, or is below it."""
        n = len(self.ids)
        below = np.zeros((n + len(self.children), n), dtype=np.bool_)
        below[:n] = np.eye(n, dtype=np.bool_)
        for inner, group in enumerate(self.children):
            below[n + inner] = below[list(group)].any(axis=0)
        below.setflags(write=False)
        return below

    @cached_property
    def ancestors(self) -> NDArray[np.int64]:
        """(n, n) inner node, counted from 0, that is the lowest above two leaves; -1 on the diagonal."""
        lowest = np.full((len(self.ids), len(self.ids)), -1, dtype=np.int64)
        for inner in range(len(self.children) - 1, -1, -1):
            leaves = np.flatnonzero(self.below[len(self.ids) + inner])
            lowest[np.ix_(leaves, leaves)] = inner
        np.fill_diagonal(lowest, -1)
        return lowest

    @cached_property
    def paths(self) -> Float64:
        """(n, n) length of the path between two leaves."""
        weights = np.array(self.lengths)[:, np.newaxis]
        crossed = self.below.astype(np.float64)
        shared = crossed.T @ (weights * crossed)
        above = np.diagonal(shared)
        paths: Float64 = above[:, np.newaxis] + above - 2 * shared
        np.fill_diagonal(paths, 0.0)
        return paths

    def subset(self, ids: Sequence[str]) -> Self:
        """The tree of some of the leaves, in the order given, without nodes that have only one child left.

        Raises
        ------
        NumericalError
            If fewer than two are left, or the tree lacks one.
        """
        unknown = sorted(set(ids) - set(self.ids))
        if unknown or len(ids) < 2:
            raise NumericalError(f"a subset of a tree needs two of its leaves or more, got {', '.join(unknown or ids)}")
        place = {identifier: row for row, identifier in enumerate(ids)}
        kept = [[place[identifier]] if identifier in place else [] for identifier in self.ids]
        lengths: list[float] = [0.0] * len(ids)
        for leaf, found in enumerate(kept):
            if found:
                lengths[found[0]] = self.lengths[leaf]
        children: list[tuple[int, ...]] = []
        for inner, group in enumerate(self.children):
            nodes = list(chain.from_iterable(kept[child] for child in group))
            length = self.lengths[len(self.ids) + inner]
            if len(nodes) == 1:
                lengths[nodes[0]] += length
            elif nodes:
                children.append(tuple(nodes))
                lengths.append(length)
                nodes = [len(ids) + len(children) - 1]
            kept.append(nodes)
        lengths[-1] = 0.0
        return type(self)(tuple(ids), tuple(children), tuple(lengths))

    def collapsed(self, shortest: float) -> Self:
        """The tree without inner edges of at most this absolute length: the nodes that they join become one."""
        n = len(self.ids)
        lifted: list[list[int]] = [[leaf] for leaf in range(n)]
        children: list[tuple[int, ...]] = []
        lengths = list(self.lengths[:n])
        for inner, group in enumerate(self.children):
            nodes = list(chain.from_iterable(lifted[child] for child in group))
            length = self.lengths[n + inner]
            if inner < len(self.children) - 1 and abs(length) <= shortest:
                lifted.append(nodes)
                continue
            children.append(tuple(nodes))
            lengths.append(length)
            lifted.append([n + len(children) - 1])
        return type(self)(self.ids, tuple(children), tuple(lengths))

    def newick(self, support: Sequence[float | None] = ()) -> str:
        """Newick's format with lengths; `support[i]` of inner node i, from 0 to 1, becomes its label."""
        texts = [quoted(identifier) for identifier in self.ids]
        for inner, group in enumerate(self.children):
            inside = ",".join(f"{texts[child]}:{self.lengths[child]!r}" for child in group)
            share = support[inner] if support else None
            texts.append(f"({inside}){'' if share is None else f'{share:.3g}'}")
        return f"{texts[-1]};\n"


Builder = Callable[[Float64, Sequence[str]], Tree]


def neighbour_joining(values: Float64, ids: Sequence[str]) -> Tree:
    """The neighbour-joining tree (Saitou & Nei 1987, with the criterion of Studier & Keppler 1988).

    It is unrooted: its root is the last node made, with three children. Edges can have negative lengths. Edges of
    length zero are left out, so their nodes become one.

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
    """The two edges from a pair of nodes to the node that joins them."""
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
    """Lengths of the edges at the last node: of three, or of two that are half the distance each."""
    if len(distances) == 2:
        return np.full(2, distances[0, 1] / 2)
    lengths: Float64 = distances.sum(axis=1) - distances.sum() / 4
    return lengths


def ward(values: Float64, ids: Sequence[str]) -> Tree:
    """Ward's tree (Ward 1963; Lance & Williams 1967), rooted; leaves are half the height of a join below it.

    Heights are exact for Euclidean distances and approximate for others.

    Parameters
    ----------
    values : (n, n) distances without a missing pair
    ids : (n,) at least two
    """
    return _in_order_of_ids(partial(_hierarchical, method="ward"), values, ids)


def upgma(values: Float64, ids: Sequence[str]) -> Tree:
    """The tree of average linkage (Sokal & Michener 1958), rooted; leaves are half the height of a join below it.

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
        raise NumericalError(f"a tree needs at least two languages, got distances {values.shape} of {len(ids)}")
    if np.isnan(values).any():
        raise NumericalError("a tree needs every pair of languages; some are missing")


TREES: dict[str, Builder] = {"nj": neighbour_joining, "ward": ward, "upgma": upgma}
"""The trees of distances by the names that options and metrics give them."""

ROOTED = ("ward", "upgma")


def from_lineages(languages: Sequence[Language]) -> Tree:
    """Glottolog's tree of the languages, with edges of length 1; nodes can have many children.

    Families are children of the root, and so are the languages of pseudo-families. Texts of one languoid are children
    of its node.

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
    """The languages that are in Glottolog's tree."""
    return tuple(language for language in languages if path_of(language))


def from_paths(paths: dict[str, tuple[str, ...]]) -> Tree:
    """The tree of leaves from the names of the nodes above each, from below the root down, with edges of length 1.

    Nodes with a single child are left out.
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
        raise NumericalError("a tree needs at least two languages")
    grow(list(range(len(ids))), 0)
    return Tree(ids, tuple(children), (*[1.0] * (len(ids) + len(children) - 1), 0.0))
