from __future__ import annotations

import pytest
from tree_cases import names, random_distances

from langgeo_statistics.support import named, support
from langgeo_statistics.trees import Tree, from_paths, neighbour_joining, upgma


def paths(**ways: str) -> Tree:
    return from_paths({name: tuple(way) for name, way in ways.items()})


TREE = paths(a="xy", b="xy", c="x", d="", e="")
SAME = paths(e="", d="", c="x", b="xy", a="xy")
OTHER = paths(a="xy", c="xy", b="x", d="", e="")
STAR = paths(a="", b="", c="", d="", e="")


def test_rooted_clades_are_counted_and_the_root_says_nothing() -> None:
    """Inner nodes of TREE are {a, b}, {a, b, c} and the root."""
    assert support(TREE, [SAME, OTHER, STAR, SAME], rooted=True) == (0.5, 0.75, None)


def test_a_split_counts_from_either_side() -> None:
    turned = paths(d="x", e="x", c="", a="y", b="y")
    assert support(TREE, [turned], rooted=True) == (1, 0, None)
    assert support(TREE, [turned], rooted=False) == (1, 1, None)


def test_a_split_of_all_but_one_leaf_says_nothing_without_a_root() -> None:
    tree = paths(a="xy", b="xy", c="x", d="x", e="")
    assert support(tree, [tree], rooted=False) == (1, None, None)
    assert support(tree, [STAR], rooted=True) == (0, 0, None)


@pytest.mark.parametrize(("build", "rooted"), [(upgma, True), (neighbour_joining, False)])
def test_a_tree_supports_itself(build, rooted: bool) -> None:  # type: ignore[no-untyped-def]
    tree = build(random_distances(9, 4), names(9))
    assert set(support(tree, [tree], rooted)) == {1.0, None}


def test_groups_are_found_where_they_are_clades_or_splits() -> None:
    groups = {"ab": "ab", "abc": "abc", "de": "de", "ad": "ad", "a": "a", "all": "abcde"}
    rooted = support(TREE, [SAME, OTHER, STAR, SAME], rooted=True)
    assert named(TREE, rooted, groups, rooted=True) == {"ab": 0.5, "abc": 0.75}
    # d and e are what the split abc leaves on its other side
    unrooted = support(TREE, [SAME, OTHER, STAR, SAME], rooted=False)
    assert named(TREE, unrooted, groups, rooted=False) == {"ab": 0.5, "abc": 0.75, "de": 0.75}
