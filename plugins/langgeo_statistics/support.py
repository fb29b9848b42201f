"""How many of some other trees of the same languages have the clades of a tree."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from langgeo_statistics.trees import Bools, Tree


def support(tree: Tree, replicates: Iterable[Tree], rooted: bool) -> tuple[float | None, ...]:
    """Share of the replicates with the clade of each inner node, or without a root with the split of the edge above it.

    None for a node that every tree of these leaves has: the root, and without a root a split that parts at most one
    leaf from the rest. Replicates can be of anything that a tree is made of: layers, cells, texts without a replicate.

    Parameters
    ----------
    replicates : trees of the same leaves, at least one
    """
    sides = _sides(tree, rooted)
    found = [set(filter(None, _sides(replicate.subset(tree.ids), rooted))) for replicate in replicates]
    return tuple(None if side is None else float(np.mean([side in other for other in found])) for side in sides)


def named(
    tree: Tree, shares: Sequence[float | None], groups: Mapping[str, Collection[str]], rooted: bool
) -> dict[str, float]:
    """The support of each group of leaves that is a clade of the tree, or without a root a split of it.

    Parameters
    ----------
    shares : of the inner nodes, as `support` gives them
    """
    of_side = dict(zip(_sides(tree, rooted), shares, strict=True))
    sides = {name: _side(np.isin(tree.ids, list(group)), rooted) for name, group in groups.items()}
    found = {name: of_side.get(side) for name, side in sides.items()}
    return {name: share for name, share in found.items() if share is not None}


def _sides(tree: Tree, rooted: bool) -> list[bytes | None]:
    """What parts the leaves at each inner node, None where it says nothing."""
    return [_side(below, rooted) for below in tree.below[len(tree.ids) :]]


def _side(below: Bools, rooted: bool) -> bytes | None:
    """The leaves below; without a root those on the side of the edge that the first leaf is not on."""
    size, n = int(below.sum()), len(below)
    if rooted:
        return below.tobytes() if size < n else None
    if not 2 <= size <= n - 2:
        return None
    return (~below if below[0] else below).tobytes()
