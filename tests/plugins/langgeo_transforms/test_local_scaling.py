from typing import Literal

import numpy as np
import pytest
from transform_cases import between, cloud, named, of_pairs

from langgeo_core.api import DistanceMatrix, NumericalError
from langgeo_transforms.options import LocalScalingOptions
from langgeo_transforms.scaling import LocalScaling


def scaled(
    distances: DistanceMatrix, neighbours: int = 7, form: Literal["affinity", "ratio"] = "affinity"
) -> DistanceMatrix:
    options = LocalScalingOptions(neighbours=neighbours, form=form)
    return LocalScaling(options).transform(distances, named(distances))


def test_by_hand():
    """Nearest neighbours of three languages at 0, 1 and 4 on a line: σ = 1, 1, 3."""
    line = of_pairs(1, 4, 3)
    ratio = scaled(line, 1, "ratio").values[np.triu_indices(3, 1)]
    np.testing.assert_allclose(ratio, [1, 4 / np.sqrt(3), np.sqrt(3)])
    affinity = scaled(line, 1).values[np.triu_indices(3, 1)]
    np.testing.assert_allclose(1 - affinity, np.exp([-1, -16 / 3, -3]))


def test_the_scale_is_that_of_the_neighbour_asked_for():
    distances = between(cloud(12))
    for neighbours, place in ((3, 3), (11, 11), (50, 11)):
        sigma = np.sort(distances.values, axis=1)[:, place]
        expected = distances.values / np.sqrt(np.outer(sigma, sigma))
        np.testing.assert_allclose(scaled(distances, neighbours, "ratio").values, expected)


def test_both_forms_order_the_pairs_alike():
    distances = between(cloud(12))
    upper = np.triu_indices(12, 1)
    one, other = scaled(distances).values[upper], scaled(distances, form="ratio").values[upper]
    np.testing.assert_array_equal(np.argsort(one), np.argsort(other))


def test_a_far_group_is_as_tight_as_a_near_one():
    """A group ten times as wide elsewhere has the same distances within it."""
    group = np.random.default_rng(1).normal(size=(6, 3))
    found = scaled(between(np.vstack([group, 1000 + 10 * group])), 3).values
    np.testing.assert_allclose(found[:6, :6], found[6:, 6:])


@pytest.mark.filterwarnings("error")
def test_copies_of_a_language():
    """Three copies and one other: the copies' scale is 0, so that the other is as far as can be."""
    copies = of_pairs(0, 0, 2, 0, 2, 2)
    found = scaled(copies, 2).values
    np.testing.assert_array_equal(found, copies.values / 2)
    with pytest.raises(NumericalError, match="no scale for pairs of l0, l1, l2, l3") as caught:
        scaled(copies, 2, "ratio")
    assert "neighbours" in caught.value.hint
    np.testing.assert_allclose(scaled(copies, 3, "ratio").values, copies.values / 2)


def test_a_missing_pair_is_refused_by_name():
    with pytest.raises(NumericalError, match="local-scaling needs every pair"):
        scaled(of_pairs(1, float("nan"), 1))
