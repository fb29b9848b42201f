"""Nulls, paired differences and Holm's correction, by hand and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Embedding, Evaluation, Language, Metric
from langgeo_inference.api import (
    Figure,
    ResamplingOptions,
    compare_with_null,
    draw_halves,
    half_error,
    half_interval,
    holm,
    metrics_of,
    p_text,
    paired_difference,
    shuffles,
    values_on_subsets,
)


def test_holm_by_hand() -> None:
    # sorted 0.005, 0.01, 0.03, 0.04: times 4, 3, 2, 1 gives 0.02, 0.03, 0.06, 0.04, and the last may not fall
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_stops_at_one_and_takes_none() -> None:
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


def test_error_and_interval_by_hand() -> None:
    # n = 5, halves of 2: the mean of 0.4² and 0.2² is 0.1, times 2/10
    halves = np.array([0.1, 0.5, 0.7, 0.9])
    assert half_error(halves, 5) == pytest.approx(math.sqrt(0.1 * 2 / 10))
    low, high = half_interval(0.7, halves, 5) or (0.0, 0.0)
    assert (0.7 - low, high - 0.7) == pytest.approx([1.959964 * math.sqrt(0.1 * 2 / 10)] * 2)
    assert half_interval(0.5, np.array([-1.0, 1.0]), 5, (0, 1)) == (0, 1)


def test_halves_without_a_value_are_skipped_unless_they_are_most() -> None:
    nan = float("nan")
    whole = half_interval(0.5, np.array([0.4, 0.7, 0.3, 0.2]), 4)
    assert half_interval(0.5, np.array([0.4, 0.7, nan, 0.1, 0.3, 0.2]), 4) == whole
    assert half_interval(0.5, np.array([0.4, 0.7, nan, 0.1]), 4) is None
    assert half_interval(0.5, np.array([0.4, 0.7]), 3) is None


def test_the_interval_of_a_mean_covers_at_its_level() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(300):
        sample = rng.normal(size=40)
        halves = draw_halves(40, 200, rng)
        low, high = half_interval(float(sample.mean()), sample[halves].mean(axis=1), 40) or (1.0, 1.0)
        covered += low <= 0 <= high
    assert 0.91 <= covered / 300 <= 0.98


def test_interval_and_p_by_hand() -> None:
    found = paired_difference(0.2, np.array([0.1, 0.3, 0.1, 0.3]), 8)
    assert (found.low, found.high) == pytest.approx((0.2 - 0.1959964, 0.2 + 0.1959964))
    assert found.p == pytest.approx(0.0455003)  # two standard errors


def test_a_variant_that_is_the_baseline_differs_by_nothing() -> None:
    found = paired_difference(0.0, np.zeros(10), 8)
    assert (found.delta, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_a_difference_without_spread_is_not_tested() -> None:
    found = paired_difference(0.1, np.full(10, 0.1), 8)
    assert (found.delta, found.low, found.high, found.p) == (0.1, None, None, None)


@pytest.mark.parametrize(("n", "halves"), [(3, [0.1, 0.2, 0.3]), (8, [0.1, np.nan, np.nan, 0.2])])
def test_too_few_languages_or_halves_give_no_interval(n: int, halves: list[float]) -> None:
    found = paired_difference(0.1, np.array(halves), n)
    assert (found.delta, found.low, found.high, found.p) == (0.1, None, None, None)


def test_halves_hold_each_language_once_and_repeat_with_the_seed() -> None:
    halves = draw_halves(9, 50, np.random.default_rng(1))
    assert halves.shape == (50, 4)
    assert all(len(set(half)) == 4 for half in halves.tolist())
    pairs = zip(halves[::2].tolist(), halves[1::2].tolist(), strict=True)
    assert all(not set(one) & set(other) for one, other in pairs)
    assert np.array_equal(halves, draw_halves(9, 50, np.random.default_rng(1)))
    assert draw_halves(1, 50, np.random.default_rng(1)).shape == (50, 0)


def _p_values(shift: float, count: int, n: int) -> NDArray[np.float64]:
    """Of `count` experiments: the mean over n languages of two correlated figures, one of them raised by `shift`."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(count):
        common, noise = rng.normal(size=n), rng.normal(size=(2, n))
        baseline, variant = common + noise[0], common + noise[1] + shift
        each = variant - baseline
        halves = draw_halves(n, 200, rng)
        found.append(paired_difference(float(each.mean()), each[halves].mean(axis=1), n).p)
    return np.array(found, dtype=np.float64)


def test_p_is_uniform_where_nothing_differs() -> None:
    p_values = _p_values(0.0, 600, 60)
    for level in (0.05, 0.2, 0.5, 0.8):
        assert abs((p_values < level).mean() - level) < 3 * math.sqrt(level * (1 - level) / 600) + 0.01


def test_p_is_small_where_something_does() -> None:
    assert np.median(_p_values(1.0, 50, 60)) < 1e-4


def test_no_p_is_written_as_zero() -> None:
    assert [p_text(p) for p in (0.0, 0.0004, 0.001, 0.05)] == ["< 0.001", "< 0.001", "0.001", "0.050"]


def test_shuffles_are_orders() -> None:
    drawn = shuffles(9, 50, np.random.default_rng(0))
    assert drawn.shape == (50, 9)
    np.testing.assert_array_equal(np.sort(drawn, axis=1), np.tile(np.arange(9), (50, 1)))
    assert len(np.unique(drawn, axis=0)) == 50


def test_p_counts_the_value_itself_and_ties_up_to_rounding() -> None:
    null = compare_with_null(0.3, np.array([0.1, 0.2, 0.1 + 0.2 - 1e-16, 0.4]))
    assert null.p == 3 / 5
    assert null.mean == pytest.approx(0.25)
    assert compare_with_null(0.5, np.zeros(99)).p == 1 / 100


def test_shuffles_stay_within_groups() -> None:
    groups = np.array([0, 1, 0, 1, 2, 0])
    orders = shuffles(groups, 50, np.random.default_rng(0))
    assert (groups[orders] == groups).all()
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    assert len({tuple(order) for order in orders.tolist()}) > 6


def test_small_values_that_chance_seldom_reaches() -> None:
    rises, falls = (compare_with_null(0.2, np.array([0.1, 0.3, 0.4]), falls) for falls in (False, True))
    assert (rises.p, falls.p) == (3 / 4, 2 / 4)
    assert (falls.mean, falls.sd) == (rises.mean, rises.sd)


def spread_of(evaluation: Evaluation) -> list[Figure]:
    """Of an evaluation's distances, a figure that two languages do not have."""
    values = evaluation.distances.values
    return [Figure("spread", float(np.ptp(values)) if len(values) > 2 else float("nan"), len(values), level="all")]


def test_figures_become_rows_and_values_on_subsets() -> None:
    ids = ("deu", "eng", "fra", "swe")
    languages = tuple(Language(one, one) for one in ids)
    places = np.array([0.0, 1, 3, 7])
    given = Evaluation(
        languages,
        DistanceMatrix(ids, np.abs(places[:, np.newaxis] - places)),
        Embedding(ids, places[:, np.newaxis]),
        (),
        {"all": ("a", "a", "b", None)},
    )
    found = values_on_subsets("mine", given, [ids, ids[:3], ids[:2]], spread_of)
    np.testing.assert_array_equal(found["mine", "all", "", "spread"], [7, 3, np.nan])
    figures = [*spread_of(given), Figure("nothing", float("nan"), 4)]
    assert metrics_of("mine", figures) == [Metric("mine", "spread", 7.0, 4, level="all")]
    halved, shuffled = np.array([6.0, 4.0]), np.array([8.0, 6.0, 5.0])
    (row,) = metrics_of("mine", [Figure("spread", 7.0, 4, halved, shuffled, (0.0, 8.0))])
    assert (row.sd, row.ci_high, row.p) == (half_error(halved, 4), 8.0, 2 / 4)
    assert row.ci_low == pytest.approx(7 - 1.96 * half_error(halved, 4), abs=1e-3)


def test_options_of_resampling_can_be_lowered() -> None:
    options = ResamplingOptions(permutations=99)
    assert (options.least().permutations, options.least().subsamples) == (1, 2)
    assert (options.none().permutations, options.none().subsamples) == (0, 0)
    assert (options.permutations, options.subsamples) == (99, 200)
