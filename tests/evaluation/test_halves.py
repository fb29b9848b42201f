"""What two halves of a text say, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from langgeo_core.calibration.selection import Selection
from langgeo_core.calibration.shared_passes import in_part, part_of, with_their_parts
from langgeo_core.calibration.windows import Windows
from langgeo_core.contract.types import DistanceMatrix
from langgeo_core.evaluation.halves import (
    Halves,
    below_floor,
    floor_share,
    half_id,
    rank_correlation,
    same_nearest,
    spearman_brown,
    split_half,
)
from langgeo_core.evaluation.reliability import half_metrics, language_rows
from langgeo_core.planning.plan import PlannedCell

IDS = ("aaa", "bbb", "ccc")


def matrix(points: np.ndarray, ids: tuple[str, ...] = IDS) -> DistanceMatrix:
    """Of points (languages, halves) on a line."""
    flat = points.ravel()
    names = tuple(half_id(name, half) for name in ids for half in range(points.shape[1]))
    return DistanceMatrix(names, np.abs(flat[:, np.newaxis] - flat))


BY_HAND = matrix(np.array([[0.0, 1.0], [1.5, 0.5], [10.0, 12.0]]))


def test_distances_by_hand() -> None:
    halves = Halves.of(BY_HAND)
    assert halves.ids == IDS
    assert halves.own.tolist() == [1, 1, 2]
    assert halves.first[0].tolist() == [0, 1.5, 10] and halves.second[0].tolist() == [0, 0.5, 11]
    # from a/0 to b/1 and from a/1 to b/0: both 0.5
    assert halves.across[0, 1:].tolist() == [0.5, (12 + 9) / 2]
    assert np.isnan(np.diagonal(halves.across)).all()


def test_a_pair_nearer_than_its_halves_is_not_told_apart() -> None:
    halves = Halves.of(BY_HAND)
    assert below_floor(halves) == pytest.approx(1 / 3)
    assert same_nearest(halves) == pytest.approx(2 / 3)  # of ccc it is bbb, then aaa
    rows = list(language_rows(BY_HAND))
    assert [(row["nearest"], row["told_apart"], row["below_floor"]) for row in rows] == [
        ("bbb", "no", "bbb"),
        ("aaa", "no", "aaa"),
        ("bbb", "yes", ""),
    ]
    assert floor_share(halves) == pytest.approx((4 / 3) / np.mean([0.5, 10.5, 10]))


def clouds(languages: int, apart: float, rng: np.random.Generator) -> Halves:
    """Two halves each of languages that lie `apart` in ten dimensions, every half with the same noise."""
    centres = apart * rng.normal(size=(languages, 1, 10))
    flat = (centres + rng.normal(size=(languages, 2, 10))).reshape(2 * languages, 10)
    values = np.linalg.norm(flat[:, np.newaxis] - flat, axis=-1)
    names = tuple(half_id(f"l{name}", half) for name in range(languages) for half in (0, 1))
    return Halves.of(DistanceMatrix(names, (values + values.T) / 2))


@pytest.mark.parametrize("languages", [4, 12, 40])
def test_halves_of_one_language_under_many_names_are_seldom_told_apart(languages: int) -> None:
    rng = np.random.default_rng(languages)
    drawn = [clouds(languages, 0.0, rng) for _ in range(60)]
    farther = np.mean([(one.across > one.floors)[one.pairs].mean() for one in drawn])
    assert farther > 0.2  # than the halves of either: no error rate by itself
    assert np.mean([below_floor(one) < 1 for one in drawn]) <= 0.05


@pytest.mark.parametrize("languages", [4, 12, 40])
def test_languages_that_are_far_apart_are_told_apart(languages: int) -> None:
    assert below_floor(clouds(languages, 9.0, np.random.default_rng(languages))) < 0.1


def test_halves_that_are_all_equally_far_have_no_spread_to_test_against() -> None:
    halves = Halves.of(matrix(np.array([[0.0, 1.0], [0.5, 1.5], [10.0, 11.0]])))
    assert halves.below[0, 1] and not halves.below[0, 2]


def test_a_language_with_one_half_is_left_out() -> None:
    names = [name for name in BY_HAND.ids if name != "bbb/1"]
    assert Halves.of(BY_HAND.subset(names)).ids == ("aaa", "ccc")


def test_missing_pairs_are_passed_over() -> None:
    values = BY_HAND.values.copy()
    values[0, 3] = values[3, 0] = np.nan
    halves = Halves.of(DistanceMatrix(BY_HAND.ids, values))
    assert below_floor(halves) == 0
    assert [row["nearest"] for row in language_rows(DistanceMatrix(BY_HAND.ids, values))] == ["ccc", "ccc", "bbb"]


def test_rank_correlation_is_scipys() -> None:
    rng = np.random.default_rng(0)
    one, other = (np.triu(rng.random((7, 7)).round(1), 1) for _ in range(2))
    upper = np.triu_indices(7, 1)
    assert rank_correlation(one + one.T, other + other.T) == pytest.approx(spearmanr(one[upper], other[upper])[0])
    assert np.isnan(rank_correlation(np.zeros((5, 5)), np.ones((5, 5))))


def test_spearman_brown_by_hand() -> None:
    assert spearman_brown(0.5) == pytest.approx(2 / 3)
    assert spearman_brown(-0.2) == -0.2


def test_clear_languages_are_reliable_and_one_text_is_not() -> None:
    rng = np.random.default_rng(1)
    names = tuple(f"l{index:02}" for index in range(30))
    clear = rng.normal(size=(30, 1)) * 10 + rng.normal(size=(30, 2)) * 0.01
    found = {row.metric: row for row in half_metrics(matrix(clear, names), seed=0)}
    assert found["split_half"].value > 0.999 and found["below_floor"].value < 0.05
    assert found["split_half"].n == 30 and found["split_half"].ci_low > 0.99
    same = rng.normal(size=(60, 40))
    far = np.linalg.norm(same[:, np.newaxis] - same, axis=2)
    one_text = DistanceMatrix(tuple(half_id(name, half) for name in names for half in (0, 1)), (far + far.T) / 2)
    found = {row.metric: row for row in half_metrics(one_text, seed=0)}
    assert abs(split_half(Halves.of(one_text))) < 0.3
    assert found["below_floor"].value > 0.5


def test_windows_are_shared_out_evenly_and_all_of_them() -> None:
    windows = Windows(((1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3), (4,), (5, 5)))
    one, other = part_of(windows, "half-0"), part_of(windows, "half-1")
    assert one.ids == ((1, 1, 1, 1), (3, 3, 3)) and other.ids == ((2, 2, 2, 2), (4,), (5, 5))
    assert one.tokens == other.tokens == 7


def test_a_single_window_is_cut_in_two() -> None:
    windows = Windows(((1, 2, 3, 4, 5),))
    assert (part_of(windows, "half-0").ids, part_of(windows, "half-1").ids) == (((1, 2, 3),), ((4, 5),))


def test_what_is_read_over_and_over_is_in_one_half_alone() -> None:
    windows = Windows(((1, 2, 3), (4, 5, 6), (1, 2, 3), (4,)))
    assert (part_of(windows, "half-0").ids, part_of(windows, "half-1").ids) == (((1, 2, 3),), ((4, 5, 6),))


def test_a_whole_cell_reads_everything_and_a_skipped_one_nothing() -> None:
    whole = Selection(Windows(((1, 2), (3, 4))), 4)
    assert in_part(whole, "") is whole
    assert in_part(whole, "half-1").fingerprint not in ("", whole.fingerprint)
    assert in_part(Selection(3, 3), "half-0") == Selection(3, 3)


def cell(language: str, part: str = "") -> PlannedCell:
    return PlannedCell("m", "c", language, f"{language}{part}", part)


def test_halves_go_with_the_whole_that_reads_their_windows() -> None:
    windows = {"aaa": Windows(((1, 2), (3, 4))), "bbb": Windows(((1, 2, 3),)), "ccc": Windows(((1,), (2,), (3,)))}
    cells = [cell(language, part) for part in ("", "half-0", "half-1") for language in windows]
    chosen: dict[PlannedCell, Windows | int] = {
        one: part_of(windows[one.language], one.part) if one.part else windows[one.language] for one in cells
    }
    cells.append(cell("ddd"))
    chosen[cells[-1]] = 3
    groups = with_their_parts(cells, chosen, batch=2)
    alone = ("bbb", "ccc", "ddd")  # cut within its only window; more than a batch; skipped
    assert [one for one in groups if len(one) > 1] == [[cell("aaa"), cell("aaa", "half-0"), cell("aaa", "half-1")]]
    assert {one.language for group in groups if len(group) == 1 for one in group} == set(alone)
    assert sorted(one.key for group in groups for one in group) == sorted(one.key for one in cells)
    without = [one for one in cells if one != cell("aaa")]
    assert with_their_parts(without, chosen, batch=2) == [[one] for one in without]
