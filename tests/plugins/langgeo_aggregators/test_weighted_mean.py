import pytest
from aggregation_cases import NAN, named, of_three, pairs
from pydantic import ValidationError

from langgeo_aggregators.options import MeanOptions
from langgeo_aggregators.pairwise import Mean
from langgeo_core.api import UserError


def mean(*matrices: tuple[float, float, float], **options: object) -> list[float]:
    aggregator = Mean(MeanOptions.model_validate(options))
    return pairs(aggregator.aggregate(named(*(of_three(*matrix) for matrix in matrices))))


def test_a_matrix_counts_by_its_weight():
    assert mean((1, 2, 3), (5, 2, 7), weights={"m--1": 3}) == [4, 2, 6]
    assert mean((1, 2, 3), (5, 2, 7), weights={"m--0": "0.5", "m--1": "0.5"}) == [3, 2, 5]


def test_weights_are_over_the_matrices_that_have_a_pair():
    assert mean((1, 2, 3), (5, NAN, NAN), weights={"m--1": 3}, normalise="never") == [4, 2, 3]


def test_a_weight_of_no_matrix_is_the_users_error():
    with pytest.raises(UserError, match=r"weights: m--7, x") as caught:
        mean((1, 2, 3), (5, 2, 7), weights={"m--7": 1, "x": 2, "m--0": 1})
    assert caught.value.hint == "the matrices are m--0, m--1"


@pytest.mark.parametrize("weight", [0, -1, "much"])
def test_weights_are_positive(weight: object):
    with pytest.raises(ValidationError):
        MeanOptions.model_validate({"weights": {"m--0": weight}})
