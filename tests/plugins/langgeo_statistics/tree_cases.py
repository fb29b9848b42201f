"""Random trees and distances, and counts that list every quartet and triplet."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from langgeo_statistics.trees import Tree, from_paths


def names(n: int) -> tuple[str, ...]:
    return tuple(f"l{number:02d}" for number in range(n))


def random_distances(n: int, seed: int) -> np.ndarray:
    points = np.random.default_rng(seed).normal(size=(n, 3))
    return np.linalg.norm(points[:, None] - points, axis=2)


def random_tree(n: int, seed: int, choices: int = 3) -> Tree:
    """A tree of any degrees: each leaf has a random way of a random depth down to it."""
    rng = np.random.default_rng(seed)
    ways = {name: tuple(str(turn) for turn in rng.integers(choices, size=rng.integers(1, 5))) for name in names(n)}
    return from_paths(ways)


def edges_between(tree: Tree) -> np.ndarray:
    """(n, n) number of edges on the path between two leaves."""
    return Tree(tree.ids, tree.children, (*[1.0] * (len(tree.lengths) - 1), 0.0)).paths


def quartet(tree: Tree, four: tuple[int, ...]) -> frozenset[frozenset[int]] | None:
    """The two pairs that the tree parts, by the four-point condition on numbers of edges; None if it is open."""
    edges = edges_between(tree)
    a, b, c, d = four
    sums = {
        frozenset({frozenset({a, b}), frozenset({c, d})}): edges[a, b] + edges[c, d],
        frozenset({frozenset({a, c}), frozenset({b, d})}): edges[a, c] + edges[b, d],
        frozenset({frozenset({a, d}), frozenset({b, c})}): edges[a, d] + edges[b, c],
    }
    least = min(sums.values())
    found = [parted for parted, total in sums.items() if total == least]
    return found[0] if len(found) == 1 else None


def triplet(tree: Tree, three: tuple[int, ...]) -> frozenset[int] | None:
    """The pair that has a node of its own below that of all three; None if it is open."""
    below = tree.below[len(tree.ids) :]
    for pair in combinations(three, 2):
        (left,) = set(three) - set(pair)
        if (below[:, pair[0]] & below[:, pair[1]] & ~below[:, left]).any():
            return frozenset(pair)
    return None


def listed(tree: Tree, reference: Tree, size: int) -> tuple[int, int]:
    """How many quartets (4) or triplets (3) the reference resolves, and how many of these the tree does likewise."""
    topology = quartet if size == 4 else triplet
    tree = tree.subset(reference.ids)
    found = [(topology(tree, some), topology(reference, some)) for some in combinations(range(len(tree.ids)), size)]
    return sum(other is not None for _, other in found), sum(one == other is not None for one, other in found)
