"""Paired differences and Holm's correction, by hand and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from langgeo_core.paired import draw_halves, holm, p_text, paired_difference, standard_error


def test_holm_by_hand() -> None:
    # sorted 0.005, 0.01, 0.03, 0.04: times 4, 3, 2, 1 gives 0.02, 0.03, 0.06, 0.04, and the last may not fall
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_stops_at_one_and_takes_none() -> None:
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


def test_standard_error_by_hand() -> None:
    # n = 5, m = 2: the mean of (0.1², 0.3²) is 0.05, times 2/3
    assert standard_error(0.2, np.array([0.1, 0.5]), 5) == pytest.approx(math.sqrt(0.05 * 2 / 3))


def test_interval_and_p_by_hand() -> None:
    found = paired_difference(0.2, np.array([0.1, 0.3, 0.1, 0.3]), 8)
    assert (found.low, found.high) == pytest.approx((0.2 - 0.1959964, 0.2 + 0.1959964))
    assert found.p == pytest.approx(0.0455003)  # two standard errors


def test_a_variant_that_is_the_baseline_differs_by_nothing() -> None:
    found = paired_difference(0.0, np.zeros(10), 8)
    assert (found.delta, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_a_difference_without_spread_is_not_tested() -> None:
    assert paired_difference(0.1, np.full(10, 0.1), 8).p is None


@pytest.mark.parametrize(("n", "halves"), [(3, [0.1, 0.2, 0.3]), (8, [0.1, np.nan, np.nan, 0.2])])
def test_too_few_languages_or_halves_give_no_interval(n: int, halves: list[float]) -> None:
    found = paired_difference(0.1, np.array(halves), n)
    assert (found.delta, found.low, found.high, found.p) == (0.1, None, None, None)


def test_halves_hold_each_language_once_and_repeat_with_the_seed() -> None:
    halves = draw_halves(9, 50, np.random.default_rng(1))
    assert halves.shape == (50, 4)
    assert all(len(set(half)) == 4 for half in halves.tolist())
    assert np.array_equal(halves, draw_halves(9, 50, np.random.default_rng(1)))


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
