import pytest
from aggregation_cases import NAN, named, of_three, pairs

from langgeo_aggregators.options import MedianOptions
from langgeo_aggregators.pairwise import Median
from langgeo_core.api import NumericalError


def median(*matrices: tuple[float, float, float], normalise: str = "auto") -> list[float]:
    aggregator = Median(MedianOptions.model_validate({"normalise": normalise}))
    return pairs(aggregator.aggregate(named(*(of_three(*matrix) for matrix in matrices))))


def test_one_odd_matrix_does_not_move_it():
    assert median((1, 2, 3), (2, 3, 4), (900, 0, 900)) == [2, 2, 4]
    assert median((1, 2, 3), (3, 2, 7)) == [2, 2, 5]


@pytest.mark.filterwarnings("error")
def test_missing_pairs_are_taken_over_the_rest():
    found = median((1, NAN, 3), (3, NAN, NAN), (8, NAN, 5), normalise="never")
    assert found == pytest.approx([3, NAN, 4], nan_ok=True)


def test_missing_pairs_are_taken_on_a_common_scale():
    # Common to both: a and b, where the means are 1 and 3. Scaled to their mean, 2: (2, 4, 6) and (2, -, -).
    assert median((1, 2, 3), (3, NAN, NAN)) == pytest.approx([2, 4, 6])


def test_matrices_without_a_common_pair_cannot_be_scaled():
    with pytest.raises(NumericalError, match="no pair of languages is in all matrices"):
        median((1, NAN, NAN), (NAN, 2, 3))
