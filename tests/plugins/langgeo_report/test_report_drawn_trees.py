from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from report_run import tree_distances

from langgeo_core.api import DistanceMatrix, Run
from langgeo_report.trees import trees
from langgeo_report.view import COLOURS, View

IDS = ("a", "b", "c", "d")
# ((a:1, b:2):1, (c:1.5, d:5):1), additive; the longest path is b to d, 9, so its middle is on the edge above d.
PATHS = np.array([[0, 3, 4.5, 8], [3, 0, 5.5, 9], [4.5, 5.5, 0, 6.5], [8, 9, 6.5, 0]])


def of(run: Run, values: Any, without: Any = ()) -> dict[str, Any]:
    view = View.of(run)
    view = replace(view, distances=DistanceMatrix(view.distances.ids, values))
    found = trees(view, without)
    assert found is not None
    return found


def clades(tree: dict[str, Any], count: int) -> dict[frozenset[int], float | None]:
    below: list[frozenset[int]] = [frozenset([leaf]) for leaf in range(count)]
    for group in tree["children"]:
        below.append(frozenset().union(*(below[child] for child in group)))
    return dict(zip(below[count:], tree["support"], strict=True))


@pytest.fixture
def four(run: Run, monkeypatch: pytest.MonkeyPatch) -> View:
    view = View.of(run)
    levels = {"family": ("x", "x", "y", "y")}
    return replace(
        view, languages=view.languages[:4], distances=DistanceMatrix(IDS, PATHS), levels=levels, level="family"
    )


def test_neighbour_joining_is_rooted_in_the_middle_of_its_longest_path(four: View) -> None:
    found = trees(four, [])
    assert found is not None
    tree = found["trees"]["nj"]
    depth = {len(tree["lengths"]) - 1: 0.0}
    for inner in range(len(tree["children"]) - 1, -1, -1):
        for child in tree["children"][inner]:
            depth[child] = depth[4 + inner] + tree["lengths"][child]
    assert depth[1] == depth[3] == pytest.approx(4.5)
    assert {frozenset({0, 1}), frozenset({0, 1, 2})} < {*clades(tree, 4)}
    assert [group["members"] for group in found["levels"]["family"]] == [[0, 1], [2, 3]]


def test_support_is_the_share_of_the_other_matrices_with_the_clade(four: View) -> None:
    swapped = PATHS[np.ix_([2, 1, 0, 3], [2, 1, 0, 3])]
    found = trees(four, [DistanceMatrix(IDS, values) for values in (PATHS, PATHS, PATHS, swapped)])
    assert found is not None
    assert found["replicates"] == 4
    for name in ("nj", "upgma"):
        assert clades(found["trees"][name], 4)[frozenset({0, 1})] == 0.75


def test_without_replicates_no_support_is_known(run: Run) -> None:
    found = of(run, run.distances.values)
    assert found["replicates"] == 0
    assert all(share is None for tree in found["trees"].values() for share in tree["support"])
    for tree in found["trees"].values():
        assert sorted(child for group in tree["children"] for child in group) == list(range(len(tree["lengths"]) - 1))
        assert min(tree["lengths"]) >= 0
    json.dumps(found, allow_nan=False)


def test_languages_with_missing_pairs_are_left_out_and_named(run: Run) -> None:
    values = run.distances.values.copy()
    values[3, :] = values[:, 3] = np.nan
    values[3, 3] = 0
    without = [DistanceMatrix(run.distances.ids, tree_distances(run.languages, seed)) for seed in range(3)]
    found = of(run, values, without)
    assert found["leftOut"] == [View.of(run).names[3]]
    assert (len(found["names"]), found["replicates"]) == (len(run.languages) - 1, 3)


def test_fewer_than_three_languages_have_no_tree(four: View) -> None:
    two = replace(four, languages=four.languages[:2], distances=four.distances.subset(["a", "b"]))
    assert trees(two, []) is None


@pytest.mark.parametrize("background", ["#ffffff", "#1c2024"])
def test_marks_have_a_contrast_of_three(background: str) -> None:
    assert min(contrast(colour, background) for colour in COLOURS) >= 3


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    shares = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
