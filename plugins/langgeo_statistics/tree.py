"""A rooted tree over languages, with or without lengths that mean anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import NumericalError
from langgeo_formats.api import quoted

Float64 = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Tree:
    """Leaves 0 to n − 1 and the inner nodes above them, of which any may have more than two children.

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
            raise NumericalError("a tree needs two leaves or more, each with an id of its own")
        if below != list(range(nodes - 1)) or not forward or len(self.lengths) != nodes:
            raise NumericalError("these nodes are no tree: each but the root has one parent, numbered above it")

    @cached_property
    def below(self) -> Bools:
        """(nodes, n): whether a leaf is a node, or below it."""
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
        """The tree of some of the leaves, in their order; nodes that have one child left are passed over.

        Raises
        ------
        NumericalError
            If fewer than two are left, or one is no leaf of the tree.
        """
        unknown = sorted(set(ids) - set(self.ids))
        if unknown or len(ids) < 2:
            raise NumericalError(f"of this tree's leaves two or more are needed, not {', '.join(unknown or ids)}")
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
        """The tree without inner edges that are no longer than this in absolute value: what they told apart is open."""
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
