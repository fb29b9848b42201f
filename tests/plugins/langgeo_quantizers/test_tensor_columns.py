from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from score_cases import separable
from tiny_models import one_thread

from langgeo_core.api import KeptCounts, LevelCounts, SeparableScores
from langgeo_quantizers.bits import Median
from langgeo_quantizers.columns import SortedColumns, columns_of, places
from langgeo_quantizers.counting import BINS
from langgeo_quantizers.levels import NBit
from langgeo_quantizers.options import MedianOptions, NBitOptions
from langgeo_quantizers.tensor_columns import TensorColumns

DEVICES = ["cpu", *(["cuda:0"] if torch.cuda.is_available() else [])]


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(params=DEVICES)
def both(request: pytest.FixtureRequest) -> tuple[SortedColumns, TensorColumns]:
    scores = separable(61, 23, seed=4)
    return SortedColumns(scores), TensorColumns(scores.weights, scores.feature_scores, request.param)


THRESHOLDS = np.float32([-1, 0, 0.3, np.inf])


def test_counts_are_the_same_integers(both: tuple[SortedColumns, TensorColumns]):
    numba, tensors = both
    expected, found = numba.above(THRESHOLDS), tensors.above(THRESHOLDS)
    np.testing.assert_array_equal(tensors.by_language(found), numba.by_language(expected))
    np.testing.assert_array_equal(tensors.totals(found), numba.totals(expected))
    np.testing.assert_array_equal(tensors.smallest(found), numba.smallest(expected))
    assert numba.totals(expected)[0] == 61 * 23
    assert numba.totals(expected)[3] == 0


def test_what_is_known_of_counts_changes_nothing(both: tuple[SortedColumns, TensorColumns]):
    lower, upper = np.float32([0.1, 0, 0.2, 0.05]), np.float32([0.4, 0.1, 0.2, 3])
    for columns in both:
        low, high = columns.above(upper), columns.above(lower)
        middle = columns.by_language(columns.above((lower + upper) / 2))
        np.testing.assert_array_equal(columns.by_language(columns.above((lower + upper) / 2, low, high)), middle)


def test_what_lies_between_is_the_same(both: tuple[SortedColumns, TensorColumns]):
    wanted = np.array([True, False, True, True])
    found = []
    for columns in both:
        low, high = columns.above(np.float32([0.4, 0.1, 0.2, 3])), columns.above(np.float32([0.1, 0, 0.2, 0.05]))
        found.append(columns.between(low, high, wanted))
    assert [len(part) for part in found[0]][1:3] == [0, 0]
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(np.sort(one), np.sort(other))


@pytest.mark.parametrize("stride", [1, 7, 128])
def test_samples_are_the_same(both: tuple[SortedColumns, TensorColumns], stride: int):
    counts = np.zeros((2, 4, BINS))
    for columns, into in zip(both, counts, strict=True):
        columns.sample(stride, into)
    np.testing.assert_allclose(counts[1], counts[0], rtol=1e-12)
    np.testing.assert_allclose(counts.sum(axis=2), 61 * 23)


def test_places_are_one_of_each_stretch():
    chosen, weight = places(100, 3, 30)
    assert weight == 25
    np.testing.assert_array_equal(chosen // 25, [[0, 1, 2, 3]] * 3)
    assert len(np.unique(chosen[:, 0])) == 3
    assert places(2, 5, 1)[0].tolist() == [[0, 1]] * 5


@pytest.mark.parametrize("device", DEVICES)
def test_signatures_are_the_same_integers(device: str):
    scores = separable(70, 90, seed=6)
    there = SeparableScores(scores.matrix, scores.weights, scores.feature_scores, device)
    median, levels = Median(MedianOptions()), NBit(NBitOptions(bits=2))
    for quantizer, form in ((median, KeptCounts), (levels, LevelCounts)):
        expected = quantizer.encode(scores, quantizer.fit([scores]), form)
        found = quantizer.encode(there, quantizer.fit([there]), form)
        np.testing.assert_array_equal(found.counts, expected.counts)
        assert found.counts.dtype == np.int32


def test_scores_that_are_held_are_sorted_once():
    scores = separable(5, 6)
    there = SeparableScores(scores.matrix, scores.weights, scores.feature_scores, "cpu")
    assert columns_of(there) is columns_of(there)
    assert isinstance(columns_of(scores), SortedColumns)
