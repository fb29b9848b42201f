import numpy as np
import pytest
from aggregation_cases import NAN, named, of_three, pairs

import langgeo_aggregators
from langgeo_core.api import DistanceMatrix

RECORDS = {record.name: record for record in langgeo_aggregators.langgeo_aggregators()}


def aggregate(name: str, *matrices: DistanceMatrix) -> DistanceMatrix:
    options = RECORDS[name].load("options")
    factory = RECORDS[name].load("factory")
    found: DistanceMatrix = (factory(options()) if options else factory()).aggregate(named(*matrices))
    return found


def random_matrix(seed: int, n: int = 8) -> DistanceMatrix:
    values = np.triu(np.random.default_rng(seed).uniform(1, 2, size=(n, n)), 1)
    return DistanceMatrix(tuple(f"l{place}" for place in range(n)), values + values.T)


def test_all_are_registered():
    assert list(RECORDS) == ["mean", "median", "rank-mean", "distatis"]


@pytest.mark.parametrize("name", RECORDS)
def test_the_order_of_languages_changes_nothing_else(name: str):
    matrices = [random_matrix(seed) for seed in range(3)]
    order = [f"l{place}" for place in (3, 1, 7, 0, 5, 2, 6, 4)]
    shuffled = aggregate(name, *(matrix.subset(order) for matrix in matrices))
    expected = aggregate(name, *matrices).subset(order)
    assert shuffled.ids == expected.ids
    np.testing.assert_allclose(shuffled.values, expected.values, rtol=1e-12)


@pytest.mark.parametrize("name", RECORDS)
def test_the_order_of_matrices_changes_nothing(name: str):
    matrices = [random_matrix(seed) for seed in range(3)]
    first, again = aggregate(name, *matrices), aggregate(name, *reversed(matrices))
    np.testing.assert_allclose(first.values, again.values, rtol=1e-12)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", RECORDS)
def test_languages_that_none_tells_apart_stay_together(name: str):
    assert pairs(aggregate(name, of_three(0, 0, 0), of_three(0, 0, 0))) == [0, 0, 0]
    assert pairs(aggregate(name, of_three(0, 0, 0))) == [0, 0, 0]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", RECORDS)
def test_a_language_that_no_matrix_has_stays_missing(name: str):
    found = pairs(aggregate(name, of_three(1, NAN, NAN), of_three(1, NAN, NAN)))
    assert found == pytest.approx([1, NAN, NAN], nan_ok=True)


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("n", [2, 37])
def test_the_result_is_symmetric_to_the_last_bit(name: str, n: int):
    found = aggregate(name, *(random_matrix(seed, n) for seed in range(9)))
    np.testing.assert_array_equal(found.values, found.values.T)
