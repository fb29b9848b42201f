import logging

import numpy as np
import pytest
from aggregation_cases import NAN, named, of_three, pairs
from scipy.spatial.distance import pdist, squareform

from langgeo_aggregators.distatis import Distatis
from langgeo_aggregators.options import DistatisOptions
from langgeo_core.api import DistanceMatrix, NumericalError


def distatis(*matrices: DistanceMatrix, squared: bool = False) -> DistanceMatrix:
    return Distatis(DistatisOptions(squared=squared)).aggregate(named(*matrices))


def assessors(power: float = 1.0) -> list[DistanceMatrix]:
    """Three that see much the same, on scales of their own, and one that sees something else."""
    rng = np.random.default_rng(0)
    shape = rng.normal(size=(7, 3))
    seen = [scale * (shape + 0.2 * rng.normal(size=(7, 3))) for scale in (1, 5, 0.1)]
    ids = tuple(f"l{place}" for place in range(7))
    return [DistanceMatrix(ids, squareform(pdist(points)) ** power) for points in (*seen, rng.normal(size=(7, 3)))]


def rv(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.trace(one @ other) / np.sqrt(np.trace(one @ one) * np.trace(other @ other)))


def step_by_step(squares: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances and weights, as Abdi et al. 2005 write them: cross-products, RV, compromise, back."""
    n = len(squares[0])
    centring = np.eye(n) - np.full((n, n), 1 / n)
    products = [-0.5 * centring @ square @ centring for square in squares]
    firsts = [np.linalg.eigvalsh(product)[-1] for product in products]
    normed = [product / first for product, first in zip(products, firsts, strict=True)]
    agreement = np.array([[rv(one, other) for other in normed] for one in normed])
    leading = np.abs(np.linalg.eigh(agreement)[1][:, -1])
    weights = leading / leading.sum()
    compromise = sum(weight * product for weight, product in zip(weights, normed, strict=True))
    diagonal = np.diag(compromise)
    back = diagonal[:, None] + diagonal - 2 * compromise
    return back * (weights @ firsts), weights


def test_it_is_the_published_computation():
    matrices = assessors()
    expected, _ = step_by_step([matrix.values**2 for matrix in matrices])
    np.testing.assert_allclose(distatis(*matrices).values ** 2, expected, atol=1e-12)


def test_squared_distances_stay_squared():
    matrices = assessors(power=2)
    expected, _ = step_by_step([matrix.values for matrix in matrices])
    np.testing.assert_allclose(distatis(*matrices, squared=True).values, expected, atol=1e-12)


def test_who_disagrees_counts_less_and_the_log_says_so(caplog: pytest.LogCaptureFixture):
    matrices = assessors()
    with caplog.at_level(logging.INFO, logger="langgeo"):
        distatis(*matrices)
    _, weights = step_by_step([matrix.values**2 for matrix in matrices])
    assert weights[3] < 0.8 * weights[:3].min()
    assert caplog.messages == ["distatis weights: " + ", ".join(f"m--{n} {w:.4f}" for n, w in enumerate(weights))]


@pytest.mark.parametrize("squared", [False, True])
def test_one_matrix_and_its_copies_are_themselves(squared: bool):
    matrix = of_three(1, 2, 2.5)
    assert pairs(distatis(matrix, squared=squared)) == pytest.approx([1, 2, 2.5])
    assert pairs(distatis(matrix, matrix, matrix, squared=squared)) == pytest.approx([1, 2, 2.5])


def test_the_scales_of_matrices_do_not_change_the_shape():
    first, second = of_three(1, 2, 2.5), of_three(2, 2, 3)
    enlarged = DistanceMatrix(second.ids, second.values * 9)
    straight, other = pairs(distatis(first, second)), pairs(distatis(first, enlarged))
    np.testing.assert_allclose(np.array(other) / other[0], np.array(straight) / straight[0])


@pytest.mark.parametrize("power", [-990, -600, 600, 990])
@pytest.mark.parametrize("squared", [False, True])
def test_tiny_and_huge_distances_give_the_same_compromise(power: int, squared: bool):
    ordinary = distatis(*assessors(), squared=squared).values
    scaled = [DistanceMatrix(one.ids, np.ldexp(one.values, power)) for one in assessors()]
    np.testing.assert_array_equal(distatis(*scaled, squared=squared).values, np.ldexp(ordinary, power))


@pytest.mark.filterwarnings("error")
def test_a_matrix_of_zeros_counts_nothing():
    assert pairs(distatis(of_three(0, 0, 0), of_three(1, 2, 2.5))) == pytest.approx([1, 2, 2.5])


def test_missing_languages_are_named_with_their_matrix():
    ids = ("a", "b", "c", "d")
    whole = DistanceMatrix(ids, 1 - np.eye(4))
    holes = whole.values.copy()
    holes[1, [0, 2, 3]] = holes[[0, 2, 3], 1] = NAN
    with pytest.raises(NumericalError, match=r"in every matrix: m--1 lacks b\n") as caught:
        distatis(whole, DistanceMatrix(ids, holes))
    assert "mean" in caught.value.hint
    alone = distatis(DistanceMatrix(ids, holes))
    np.testing.assert_allclose(alone.values, holes)


def test_matrices_that_contradict_each_other_have_no_compromise():
    # Cross-products of distances far from Euclidean can point opposite ways.
    ids = ("a", "b", "c", "d")
    square = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]], dtype=float)
    other = 1 - square - np.eye(4)
    with pytest.raises(NumericalError, match="contradict each other"):
        distatis(DistanceMatrix(ids, square), DistanceMatrix(ids, other))
