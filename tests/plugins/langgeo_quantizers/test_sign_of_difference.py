from __future__ import annotations

import numpy as np
import pytest
from score_cases import per_weight, separable, written_out

from langgeo_core.api import PackedBits
from langgeo_quantizers.bits import SignOfDifference
from langgeo_quantizers.options import DifferenceOptions


def bits(values: np.ndarray, centre: str = "mean") -> np.ndarray:
    """(languages, rows, columns) bits."""
    quantizer, scores = SignOfDifference(DifferenceOptions(centre=centre)), per_weight(values)
    packed = quantizer.encode(scores, quantizer.fit([scores]), PackedBits).bits
    return np.unpackbits(packed, axis=1)[:, : scores.matrix.size].reshape(values.shape)


def test_each_centre_by_hand():
    # Of 1, 4 and 16 the mean is 7, the geometric mean and the median 4; of 1, 2 and 16 they are 6 1/3, 3.17 and 2.
    values = np.array([[[1.0, 1.0]], [[4.0, 3.5]], [[16.0, 16.0]]])
    assert bits(values)[:, 0].tolist() == [[0, 0], [0, 0], [1, 1]]
    assert bits(values, "median")[:, 0].tolist() == [[0, 0], [0, 0], [1, 1]]
    assert bits(values - [0, 0.75], "geometric-mean")[:, 0].tolist() == [[0, 0], [0, 1], [1, 1]]


@pytest.mark.parametrize("centre", ["mean", "geometric-mean", "median"])
@pytest.mark.parametrize("languages", [1, 3, 7, 49])
def test_languages_that_score_alike_exceed_nothing(centre: str, languages: int):
    values = np.random.default_rng(0).gamma(1.0, size=(5, 6)).astype(np.float32)
    assert not bits(np.stack([values] * languages), centre).any()


@pytest.mark.parametrize("centre", ["mean", "geometric-mean", "median"])
def test_a_column_of_separable_scores_flips_together(centre: str):
    scores = separable(20, 9)
    found = bits(written_out(scores), centre)
    alive = scores.weights != 0
    for column in range(9):
        of_column = found[:, alive[:, column], column]
        assert (of_column == of_column[:, :1]).all()
    assert not found[:, ~alive].any()
    assert 0.2 < found[:, alive].mean() < 0.8


def test_a_zero_in_one_language_is_below_every_other():
    values = np.array([[[0.0]], [[1e-6]], [[3.0]]])
    assert bits(values, "geometric-mean").ravel().tolist() == [0, 1, 1]


def test_bits_depend_on_who_else_is_in_the_run():
    values = np.array([[[1.0]], [[2.0]], [[9.0]]])
    assert bits(values)[:2].ravel().tolist() == [0, 0]
    assert bits(values[:2]).ravel().tolist() == [0, 1]
