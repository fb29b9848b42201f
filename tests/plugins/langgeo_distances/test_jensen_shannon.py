from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from tiny_models import one_thread

from langgeo_core.api import Densities, NumericalError, ScaledColumns, WeightMatrix
from langgeo_distances import divergence
from langgeo_distances.divergence import JensenShannon
from langgeo_distances.pairs import BLOCK


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def densities(values: np.ndarray) -> Densities:
    """All of a matrix of one row."""
    matrix = WeightMatrix("w", 0, "w", 1, values.shape[1], "w")
    flat = values.astype(np.float32)
    return Densities(matrix, flat, flat.mean(axis=1, dtype=np.float64))


def distance(*signatures: Densities | ScaledColumns) -> np.ndarray:
    total = np.sum([JensenShannon().partial(signature) for signature in signatures], axis=0)
    return JensenShannon().finish(total, sum(signature.matrix.size for signature in signatures))


def test_two_languages_by_hand():
    # (1, 0) and (1/2, 1/2) with mean (3/4, 1/4): H(3/4, 1/4) - 1/2 bits.
    entropy = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))
    found = distance(densities(np.array([[2.0, 0.0], [5.0, 5.0]])))
    np.testing.assert_allclose(found, np.sqrt(entropy - 0.5) * (1 - np.eye(2)), atol=1e-15)


def test_languages_with_nothing_in_common_are_one_apart_and_equal_ones_zero():
    found = distance(densities(np.array([[1.0, 3.0, 0, 0], [0, 0, 2.0, 0], [10.0, 30.0, 0, 0]])))
    np.testing.assert_allclose(found[0], [0, 1, 0], atol=1e-15)
    assert found[0, 2] == 0


def test_matrices_count_by_their_size():
    one, other = densities(np.array([[1.0, 0.0], [0.0, 1.0]])), densities(np.ones((2, 6)))
    np.testing.assert_allclose(distance(one, other)[0, 1], np.sqrt(2 / 8))


@settings(deadline=None, max_examples=40)
@given(
    values=arrays(np.float32, (2, 9), elements=st.sampled_from([0, 1e-6, 0.125, 1, 1.03, 1.5, 3, 40, 1e6])),
)
def test_every_pair_is_scipys(values: np.ndarray):
    if not values.any(axis=1).all():
        return
    expected = jensenshannon(values[0].astype(float), values[1].astype(float), base=2)
    # scipy's sum of entropies loses what cancels, up to 1e-8 after the root; equal distributions are zero here.
    np.testing.assert_allclose(distance(densities(values))[0, 1], np.nan_to_num(expected), atol=1e-7)


@pytest.mark.parametrize("share", [1e-6, 1e-3, 0.1, 0.49, 0.5, 0.51, 0.9, 1 - 1e-9, 1.0])
def test_near_and_far_languages_are_exact(share: float):
    """Of (1 + d, 1 - d) and (1 - d, 1 + d) the divergence is 1 - H((1 + d) / 2)."""
    import math
    from fractions import Fraction

    d = Fraction(share)
    terms = (d ** (2 * k) / (2 * k * (2 * k - 1)) for k in range(1, 40))
    exact = float(sum(terms)) / math.log(2) if share <= 0.5 else None
    up, down = (1 + share) / 2, (1 - share) / 2
    entropy = -sum(part * math.log2(part) for part in (up, down) if part)
    values = np.array([[1 + share, 1 - share], [1 - share, 1 + share]])
    found = divergence.divergences(values, np.ones(2))[0, 1] / 2 / math.log(2)
    np.testing.assert_allclose(found, 1 - entropy if exact is None else exact, rtol=1e-9)


def test_columns_with_one_factor_are_their_sums():
    source = np.random.default_rng(0)
    squares, factors = source.gamma(1.0, size=(6, 4)), source.gamma(1.0, size=(3, 4))
    matrix = WeightMatrix("w", 0, "w", 6, 4, "w")
    columns = ScaledColumns(matrix, factors, squares.sum(axis=0), np.square(squares).sum(axis=0))
    dense = (squares[None] * factors[:, None]).reshape(3, -1)
    expected = [[jensenshannon(a, b, base=2) for b in dense] for a in dense]
    np.testing.assert_allclose(distance(columns), expected, atol=1e-9)


def test_more_than_a_block_adds_up():
    source = np.random.default_rng(1)
    values = source.gamma(1.0, size=(4, BLOCK + 9)) * (source.random(BLOCK + 9) < 0.8)
    expected = [[jensenshannon(a, b, base=2) for b in values] for a in values]
    np.testing.assert_allclose(distance(densities(values)), expected, rtol=1e-6)


def test_a_language_that_scores_nothing_has_no_distribution():
    with pytest.raises(NumericalError, match="all scores of a language are zero"):
        JensenShannon().partial(densities(np.array([[1.0, 2.0], [0.0, 0.0]])))
