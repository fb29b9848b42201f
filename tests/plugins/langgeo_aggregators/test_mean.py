import numpy as np
import pytest
from pydantic import ValidationError

import langgeo_aggregators
from langgeo_aggregators.options import MeanOptions
from langgeo_aggregators.pairwise import Mean
from langgeo_core.api import DistanceMatrix, NumericalError

NAN = float("nan")


def three(ab: float, ac: float, bc: float) -> DistanceMatrix:
    """The distances of a and b, a and c, b and c."""
    return DistanceMatrix(("a", "b", "c"), np.array([[0, ab, ac], [ab, 0, bc], [ac, bc, 0]]))


def mean(*matrices: DistanceMatrix, normalise: str = "auto") -> list[float]:
    named = {f"m--{place}": matrix for place, matrix in enumerate(matrices)}
    result = Mean(MeanOptions(normalise=normalise)).aggregate(named)
    assert result.ids == ("a", "b", "c")
    return [float(result.values[pair]) for pair in ((0, 1), (0, 2), (1, 2))]


def test_the_plugin_registers_a_record_that_loads():
    record, *_ = langgeo_aggregators.langgeo_aggregators()
    built = record.load("factory")(record.load("options")())
    assert record.name == "mean"
    assert built.aggregate({"m--c": three(1, 2, 3)}).values[1, 2] == 3
    with pytest.raises(ValidationError):
        MeanOptions(normalise="sometimes")


def test_complete_matrices_are_averaged_as_they_are():
    assert mean(three(1, 2, 3), three(3, 2, 7)) == [2, 2, 5]
    assert mean(three(1, 2, 3), three(3, 2, 7), normalise="never") == [2, 2, 5]


@pytest.mark.parametrize("normalise", ["auto", "always", "never"])
def test_a_single_matrix_is_itself(normalise: str):
    assert mean(three(1, 2, 3), normalise=normalise) == [1, 2, 3]
    assert mean(three(1, NAN, 3), normalise=normalise) == pytest.approx([1, NAN, 3], nan_ok=True)


def test_missing_pairs_are_averaged_over_the_rest_without_scaling():
    assert mean(three(1, 2, 3), three(3, NAN, NAN), normalise="never") == [2, 2, 3]


def test_missing_pairs_are_averaged_on_a_common_scale():
    # Common to both: a and b, where the means are 1 and 3. Scaled to their mean, 2: (2, 4, 6) and (2, -, -).
    assert mean(three(1, 2, 3), three(3, NAN, NAN)) == pytest.approx([2, 4, 6])
    # Means over ab and bc: 2 and 6, scaled to 4: (2, 4, 6) and (6, -, 2).
    assert mean(three(1, 2, 3), three(9, NAN, 3)) == pytest.approx([4, 4, 4])


def test_complete_matrices_are_scaled_if_asked():
    # Means 2 and 4, scaled to 3: (1.5, 3, 4.5) and (2.25, 1.5, 5.25).
    assert mean(three(1, 2, 3), three(3, 2, 7), normalise="always") == pytest.approx([1.875, 2.25, 4.875])


def test_scaling_makes_a_matrix_and_its_multiple_agree():
    assert mean(three(1, 2, 3), three(10, 20, NAN)) == pytest.approx([5.5, 11, 16.5])


@pytest.mark.parametrize("normalise", ["auto", "always", "never"])
def test_a_pair_that_no_matrix_has_stays_missing(normalise: str):
    found = mean(three(1, NAN, 2), three(3, NAN, 6), normalise=normalise)
    assert found == pytest.approx([2, NAN, 4], nan_ok=True)


def test_a_matrix_of_zeros_is_not_divided_by_its_mean():
    assert mean(three(0, 0, 0), three(2, 4, NAN)) == pytest.approx([0.5, 1, 0])


def test_matrices_without_a_common_pair_cannot_be_scaled():
    apart = three(1, NAN, NAN), three(NAN, 2, 3)
    with pytest.raises(NumericalError, match="no pair of languages is in all matrices") as caught:
        mean(*apart)
    assert "aggregator.normalise=never" in caught.value.hint
    assert mean(*apart, normalise="never") == [1, 2, 3]


def test_the_order_of_matrices_changes_nothing():
    matrices = three(1, 2, 3), three(9, NAN, 3), three(5, 1, 2)
    assert mean(*matrices) == pytest.approx(mean(*reversed(matrices)))
