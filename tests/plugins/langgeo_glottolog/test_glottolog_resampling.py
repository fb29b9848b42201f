import numpy as np
import pytest
from langgeo_glottolog.resampling import compare_with_null, shuffles


def test_shuffles_are_orders():
    drawn = shuffles(9, 50, np.random.default_rng(0))
    assert drawn.shape == (50, 9)
    np.testing.assert_array_equal(np.sort(drawn, axis=1), np.tile(np.arange(9), (50, 1)))
    assert len(np.unique(drawn, axis=0)) == 50


def test_p_counts_the_value_itself_and_ties_up_to_rounding():
    null = compare_with_null(0.3, np.array([0.1, 0.2, 0.1 + 0.2 - 1e-16, 0.4]))
    assert null.p == 3 / 5
    assert null.mean == pytest.approx(0.25)
    assert compare_with_null(0.5, np.zeros(99)).p == 1 / 100
