from __future__ import annotations

import pytest

from langgeo_core.api import DistanceMatrix, Run, UserError
from langgeo_report.neighbours import agreement, nearest
from langgeo_report.view import OTHER, chosen_level, class_levels, grouped


def test_a_dominant_family_gives_way_to_its_branches() -> None:
    levels = {"family": ("a", "a", "a", "b"), "branch": ("a1", "a2", "a3", "b")}
    assert chosen_level(levels) == "branch"
    assert chosen_level({**levels, "family": ("a", "a", "b", "c")}) == "family"


def test_an_unknown_level_is_the_users_error() -> None:
    with pytest.raises(UserError, match="genus"):
        chosen_level({"family": ("a", "b")}, "genus")


def test_levels_without_contrast_are_left_out(run: Run) -> None:
    assert list(class_levels(run)) == ["family", "branch", "script"]


def test_every_language_is_in_one_group_and_no_two_groups_look_alike() -> None:
    classes = [f"c{index // 2}" for index in range(60)] + [f"single{index}" for index in range(9)] + [None]
    groups = grouped(classes)
    assert sorted(member for group in groups for member in group.members) == list(range(70))
    assert len({(group.colour, group.marker) for group in groups}) == len(groups)
    assert groups[-1].name == OTHER and 69 in groups[-1].members


def test_few_classes_are_all_shown() -> None:
    assert [group.name for group in grouped(["b", "a", "b", "c"])] == ["b", "a", "c"]


def test_neighbours_by_hand() -> None:
    matrix = DistanceMatrix(("a", "b", "c"), [[0, 1, 3], [1, 0, 2], [3, 2, 0]])  # type: ignore[arg-type]
    near = nearest(matrix, 5)
    assert [[other.index for other in row] for row in near] == [[1, 2], [0, 2], [1, 0]]
    assert agreement(near, ["x", "y", "y"]) == (1, 2)
    assert agreement(near, ["x", None, "z"]) == (0, 0)


def test_missing_pairs_are_nobodys_neighbours() -> None:
    nan = float("nan")
    matrix = DistanceMatrix(("a", "b", "c"), [[0, nan, 3], [nan, 0, nan], [3, nan, 0]])  # type: ignore[arg-type]
    assert [[other.index for other in row] for row in nearest(matrix, 2)] == [[2], [], [0]]
