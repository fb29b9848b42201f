import numpy as np
import pytest
from transform_cases import NAN, named, of_pairs

from langgeo_core.api import DistanceMatrix
from langgeo_transforms.scaling import Rank, SquareRoot


def pairs(transform: Rank | SquareRoot, *given: float) -> list[float]:
    matrix = of_pairs(*given)
    found: DistanceMatrix = transform.transform(matrix, named(matrix))
    assert found.ids == matrix.ids
    return found.values[np.triu_indices(len(found.ids), 1)].tolist()


def test_roots():
    assert pairs(SquareRoot(), 0, 4, 9) == [0, 2, 3]
    assert pairs(SquareRoot(), 1, NAN, 16) == pytest.approx([1, NAN, 4], nan_ok=True)


def test_ranks():
    assert pairs(Rank(), 7, 9, 7) == [0.5, 1, 0.5]
    assert pairs(Rank(), 0, 5, 2) == pytest.approx([0, 1, 2 / 3])
    assert pairs(Rank(), 5, NAN, 2) == pytest.approx([1, NAN, 0.5], nan_ok=True)
