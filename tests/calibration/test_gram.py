from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from langgeo_core.api import InputStatistics, NumericalError
from langgeo_core.calibration.gram import (
    add_rows,
    damped,
    empty_gram,
    input_statistics,
    multiplies_bfloat16,
    statistics_of_rows,
)


def rows(*, tokens: int, features: int, seed: int = 0) -> np.ndarray:
    source = np.random.default_rng(seed)
    return source.normal(size=(tokens, features)) * np.geomspace(1, 10, features)


def statistics(inputs: np.ndarray, damping: float = 0.01, dtype: type = np.float64) -> InputStatistics:
    gram = empty_gram(inputs.shape[1], dtype)
    add_rows(gram, inputs)
    return input_statistics(gram, len(inputs), damping)


Way = Callable[[np.ndarray, float], InputStatistics]


def of_gram(gram: np.ndarray | list[list[float]], damping: float = 0.01) -> InputStatistics:
    return input_statistics(np.array(gram, dtype=np.float64, order="F"), 1, damping)


def dense(inputs: np.ndarray, damping: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """diag(G), diag(H⁻¹), U_jj² and λ, from their definitions."""
    gram = inputs.T @ inputs / len(inputs)
    diagonal = np.diagonal(gram)
    share = damping * diagonal[diagonal > 0].mean()
    inverse = np.linalg.inv(gram + share * np.eye(len(gram)))
    upper = np.linalg.cholesky((inverse + inverse.T) / 2).T
    return diagonal, np.diagonal(inverse), np.diagonal(upper) ** 2, share


def of_rows(inputs: np.ndarray, damping: float = 0.01) -> InputStatistics:
    return statistics_of_rows(inputs, len(inputs), damping)


@pytest.mark.parametrize("way", [statistics, of_rows])
@pytest.mark.parametrize(("tokens", "features"), [(200, 1), (200, 7), (130, 65), (9, 40), (1, 3), (16, 64)])
def test_the_diagonals_are_those_of_dense_matrices(tokens: int, features: int, way: Way):
    inputs = rows(tokens=tokens, features=features)
    found = way(inputs)
    diagonal, inverse, cholesky, share = dense(inputs, 0.01)
    np.testing.assert_allclose(found.gram_diagonal, diagonal, rtol=1e-12)
    np.testing.assert_allclose(found.inverse_diagonal, inverse, rtol=1e-9)
    np.testing.assert_allclose(found.cholesky_diagonal, cholesky, rtol=1e-9)
    assert found.damping == pytest.approx(share, rel=1e-12)
    assert found.tokens == tokens


def test_two_features_by_hand():
    # G = [[2, 1], [1, 4]], λ = ⅓·3 = 1, H = [[3, 1], [1, 5]], det H = 14, H⁻¹ = [[5, -1], [-1, 3]] / 14.
    found = of_gram([[2.0, 1.0], [1.0, 4.0]], damping=1 / 3)
    assert found.damping == pytest.approx(1)
    np.testing.assert_allclose(found.gram_diagonal, [2, 4])
    np.testing.assert_allclose(found.inverse_diagonal, [5 / 14, 3 / 14])
    np.testing.assert_allclose(found.cholesky_diagonal, [5 / 14, 1 / 5])


@pytest.mark.parametrize("way", [statistics, of_rows])
def test_dead_features_stay_out_of_the_mean_and_score_the_damping(way: Way):
    found = way(np.array([[3.0, 0.0, 1.0], [-3.0, 0.0, 1.0]]))
    assert found.damping == pytest.approx(0.01 * (9 + 1) / 2)
    assert found.gram_diagonal[1] == 0
    assert found.inverse_diagonal[1] == pytest.approx(1 / found.damping)
    assert found.cholesky_diagonal[1] == pytest.approx(1 / found.damping)


def test_a_dead_feature_leaves_the_others_as_they_were():
    inputs = rows(tokens=50, features=6)
    wider = np.insert(inputs, 2, 0.0, axis=1)
    for name in ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal"):
        expected = getattr(statistics(inputs), name)
        np.testing.assert_allclose(np.delete(getattr(statistics(wider), name), 2), expected, rtol=1e-12)


def test_float32_is_close():
    inputs = rows(tokens=300, features=60).astype(np.float32)
    single = statistics(inputs, dtype=np.float32)
    double = statistics(inputs.astype(np.float64))
    assert single.inverse_diagonal.dtype == single.cholesky_diagonal.dtype == np.float64
    for name in ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal"):
        np.testing.assert_allclose(getattr(single, name), getattr(double, name), rtol=1e-4)


@pytest.mark.parametrize("calls", [2, 5])
def test_a_layer_that_is_called_several_times_has_more_rows_than_tokens(calls: int):
    inputs = rows(tokens=20, features=70)
    gram = empty_gram(70, np.float64)
    add_rows(gram, inputs)
    found, expected = (
        way(one, 20 // calls, 0.1) for way, one in ((statistics_of_rows, inputs), (input_statistics, gram))
    )
    assert found.tokens == 20 // calls
    for name in ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-10)


@pytest.mark.parametrize("size", [1e20, 1e-24])
def test_rows_beyond_the_range_of_float32_are_reduced_in_float64(size: float):
    inputs = (size * rows(tokens=20, features=70)).astype(np.float32)
    found, expected = of_rows(inputs), of_rows(inputs.astype(np.float64))
    assert found.raised == 0
    np.testing.assert_array_equal(found.inverse_diagonal, expected.inverse_diagonal)


@pytest.mark.parametrize("giant", [0.0, 10.0, 3000.0])
def test_rows_of_float32_are_as_close_where_one_feature_outweighs_all(giant: float):
    source = np.random.default_rng(5)
    inputs = source.normal(size=(40, 9)) @ source.normal(size=(9, 300)) + source.normal(size=(40, 300)) / 10
    inputs[:, 7] *= 1 + giant
    single, double = of_rows(inputs.astype(np.float32)), of_rows(inputs)
    for name in ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal"):
        np.testing.assert_allclose(getattr(single, name), getattr(double, name), rtol=1e-4)


def test_neither_the_order_of_memory_nor_how_rows_are_scaled_matters():
    inputs = rows(tokens=20, features=70)
    expected = of_rows(inputs)
    other = of_rows(np.asfortranarray(inputs)).inverse_diagonal
    np.testing.assert_allclose(other, expected.inverse_diagonal, rtol=1e-12)
    np.testing.assert_allclose(of_rows(1e6 * inputs).inverse_diagonal, expected.inverse_diagonal / 1e12, rtol=1e-9)


def test_where_rounding_leaves_rows_indefinite_the_damping_is_raised():
    inputs = np.ones((30, 200), dtype=np.float32) * np.linspace(1, 1e3, 30, dtype=np.float32)[:, None]
    assert of_rows(inputs, 1e-9).raised == 0  # float64 can
    found = of_rows(inputs, 1e-15)
    assert found.raised > found.damping
    with pytest.raises(NumericalError, match="indefinite"):
        of_rows(inputs, 1e-19)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_are_added_to_the_lower_triangle(dtype: type):
    inputs = np.arange(24, dtype=dtype).reshape(8, 3)
    gram = empty_gram(3, dtype)
    add_rows(gram, inputs[:5])
    add_rows(gram, inputs[5:5])
    add_rows(gram, np.asfortranarray(inputs[5:]))
    np.testing.assert_array_equal(gram, np.tril(inputs.T @ inputs))


@pytest.mark.skipif(not multiplies_bfloat16(), reason="this processor has no tiles of bfloat16")
@pytest.mark.parametrize("features", [3, 64, 333, 1024])
def test_rows_of_bfloat16_are_added_as_float64_adds_them(features: int):
    numbers = torch.randn((200, features), generator=torch.Generator().manual_seed(0)).bfloat16()
    gram = empty_gram(features, np.float32)
    bits = numbers.view(torch.uint16).numpy()
    for some in (bits[:70], bits[70:71], bits[71:71], bits[71:]):
        add_rows(gram, some)
    exact = numbers.double().numpy().T @ numbers.double().numpy()
    np.testing.assert_allclose(np.tril(gram), np.tril(exact), rtol=1e-6, atol=1e-6 * exact.max())
    again = empty_gram(features, np.float32)
    add_rows(again, np.ascontiguousarray(bits[:70]))
    part = empty_gram(features, np.float32)
    add_rows(part, bits[:70])
    np.testing.assert_array_equal(np.tril(again), np.tril(part))


def test_nothing_above_the_diagonal_is_read():
    gram = np.asfortranarray(rows(tokens=20, features=5).T @ rows(tokens=20, features=5))
    spoilt = gram.copy(order="F")
    spoilt[np.triu_indices(5, 1)] = np.nan
    found, expected = input_statistics(spoilt, 20, 0.01), input_statistics(gram, 20, 0.01)
    np.testing.assert_array_equal(found.inverse_diagonal, expected.inverse_diagonal)
    np.testing.assert_array_equal(found.cholesky_diagonal, expected.cholesky_diagonal)


def test_an_indefinite_matrix_raises_the_damping_in_recorded_steps():
    # Eigenvalue -½ along the vector of ones, 1 elsewhere: λ must exceed a half, and the mean of the diagonal is 0.925.
    gram = np.eye(20) - 1.5 / 20
    raised = of_gram(gram)
    assert raised.damping == pytest.approx(0.00925)
    assert raised.raised == pytest.approx(0.925)
    np.testing.assert_allclose(raised.gram_diagonal, np.diagonal(gram))
    inverse = np.linalg.inv(gram + 0.925 * np.eye(20))
    np.testing.assert_allclose(raised.inverse_diagonal, np.diagonal(inverse))
    np.testing.assert_allclose(raised.cholesky_diagonal, np.diagonal(np.linalg.cholesky(inverse).T) ** 2)


def test_a_matrix_so_indefinite_that_the_bounds_break_fails():
    # Eigenvalues 2.5 and -½; at λ = 1 the inverse's diagonal is 8/7 > 1/λ.
    with pytest.raises(NumericalError, match="leaves its bounds"):
        of_gram([[1.0, 1.5], [1.5, 1.0]])


def test_a_definite_matrix_raises_nothing():
    assert statistics(rows(tokens=30, features=4)).raised == 0


def test_what_stays_indefinite_fails():
    with pytest.raises(NumericalError, match="2 features over 1 tokens stays indefinite at damping 10") as caught:
        of_gram([[1.0, 100.0], [100.0, 1.0]])
    assert "calibration.damping" in caught.value.hint


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("way", [statistics, of_rows])
def test_inputs_that_are_not_finite_fail(bad: float, way: Way):
    inputs = rows(tokens=5, features=3)
    inputs[2, 1] = bad
    with pytest.raises(NumericalError, match="not finite"):
        way(inputs)


def test_inputs_that_are_all_zero_fail():
    with pytest.raises(NumericalError, match="all zero"):
        statistics(np.zeros((5, 3)))


@pytest.mark.parametrize("entry", [1e9, np.nan])
def test_a_spoilt_inverse_fails(entry: float):
    with pytest.raises(NumericalError, match="leaves its bounds"):
        damped(np.ones(4), 30, 0.01, lambda filled: (np.array([1, entry, 1, 1]), np.ones(4)))


def test_the_order_of_columns_matters_to_the_cholesky_diagonal_alone():
    inputs = rows(tokens=40, features=8)
    order = np.random.default_rng(1).permutation(8)
    straight, shuffled = statistics(inputs), statistics(inputs[:, order])
    np.testing.assert_allclose(shuffled.inverse_diagonal, straight.inverse_diagonal[order], rtol=1e-10)
    assert not np.allclose(shuffled.cholesky_diagonal, straight.cholesky_diagonal[order], rtol=1e-3)


matrices = st.tuples(st.integers(1, 12), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(-8, 8).map(float))
)


@settings(deadline=None, max_examples=40)
@given(inputs=matrices.filter(np.any), damping=st.floats(1e-3, 1.0))
@pytest.mark.parametrize("way", [statistics, of_rows])
def test_bounds_and_dense_matrices_agree_for_any_shape(way: Way, inputs: np.ndarray, damping: float):
    found = way(inputs, damping)
    diagonal, inverse, cholesky, share = dense(inputs, damping)
    np.testing.assert_allclose(found.inverse_diagonal, inverse, rtol=1e-7)
    np.testing.assert_allclose(found.cholesky_diagonal, cholesky, rtol=1e-7)
    scores, pivots, upper = 1 / found.inverse_diagonal, 1 / found.cholesky_diagonal, diagonal + share
    slack = 1 + 1e-9
    assert (found.damping <= scores * slack).all()
    assert (scores <= pivots * slack).all()
    assert (pivots <= upper * slack).all()
    assert pivots[0] == pytest.approx(scores[0])
    assert pivots[-1] == pytest.approx(upper[-1])
