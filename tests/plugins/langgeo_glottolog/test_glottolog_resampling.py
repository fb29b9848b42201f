import numpy as np
import pytest

from langgeo_glottolog.resampling import compare_with_null, half_interval, halves, shuffles


def test_shuffles_are_orders():
    drawn = shuffles(9, 50, np.random.default_rng(0))
    assert drawn.shape == (50, 9)
    np.testing.assert_array_equal(np.sort(drawn, axis=1), np.tile(np.arange(9), (50, 1)))
    assert len(np.unique(drawn, axis=0)) == 50


def test_halves_are_distinct_languages():
    drawn = halves(9, 50, np.random.default_rng(0))
    assert drawn.shape == (50, 4)
    assert (np.diff(drawn, axis=1) > 0).all()
    assert set(drawn.ravel()) == set(range(9))


def test_p_counts_the_value_itself_and_ties_up_to_rounding():
    null = compare_with_null(0.3, np.array([0.1, 0.2, 0.1 + 0.2 - 1e-16, 0.4]))
    assert null.p == 3 / 5
    assert null.mean == pytest.approx(0.25)
    assert compare_with_null(0.5, np.zeros(99)).p == 1 / 100


def test_interval_by_hand():
    # n = 5: two are kept and three left out, se² = 2/3 · mean(0.1², 0.2²).
    low, high = half_interval(0.5, np.array([0.4, 0.7]), 5)
    assert high - 0.5 == pytest.approx(1.959964 * np.sqrt(2 / 3 * 0.025))
    assert 0.5 - low == pytest.approx(high - 0.5)
    assert half_interval(0.5, np.array([0.0, 1.0]), 5, (0, 1)) == (0, 1)


def test_halves_without_a_value_are_skipped_unless_they_are_most():
    nan = float("nan")
    assert half_interval(0.5, np.array([0.4, nan, 0.7]), 4) == half_interval(0.5, np.array([0.4, 0.7]), 4)
    assert half_interval(0.5, np.array([0.4, nan]), 4) is None
    assert half_interval(0.5, np.array([0.4, 0.7]), 3) is None


def test_the_interval_of_a_mean_covers_at_its_level():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(300):
        sample = rng.normal(size=40)
        subsets = halves(40, 200, rng)
        low, high = half_interval(sample.mean(), sample[subsets].mean(axis=1), 40)
        covered += low <= 0 <= high
    assert 0.91 <= covered / 300 <= 0.98
