from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from pydantic import ValidationError
from score_cases import as_per_weight, per_weight, separable, written_out
from tiny_models import one_thread

from langgeo_core.api import KeptCounts, LevelCounts, Levels, PackedBits
from langgeo_quantizers.bits import Quantile
from langgeo_quantizers.levels import NBit, grade
from langgeo_quantizers.options import NBitOptions, QuantileOptions


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def test_four_levels_by_hand():
    # Of 1 to 8 the thresholds are 2, 4 and 6: two scores a level.
    scores = per_weight(np.array([[[3.0, 1, 8, 6], [5, 2, 4, 7]]]))
    quantizer = NBit(NBitOptions(bits=2))
    fitted = quantizer.fit([scores])
    np.testing.assert_array_equal(fitted[:, 0], [2, 4, 6])
    np.testing.assert_array_equal(quantizer.encode(scores, fitted, Levels).values, [[1, 0, 3, 2, 2, 0, 1, 3]])


def test_four_levels_of_each_row_by_hand():
    scores = per_weight(np.array([[[3.0, 1, 8, 6], [50, 20, 40, 70]]]))
    quantizer = NBit(NBitOptions(bits=2, scope="row"))
    fitted = quantizer.fit([scores])
    np.testing.assert_array_equal(fitted[:, 0], [[1, 20], [3, 40], [6, 50]])
    np.testing.assert_array_equal(quantizer.encode(scores, fitted, Levels).values, [[1, 0, 3, 2, 2, 0, 1, 3]])


@pytest.mark.parametrize("scope", ["row", "matrix", "layer", "global"])
@pytest.mark.parametrize("shape", [(8, 6), (7, 5), (1, 1)])
def test_one_bit_is_the_upper_half(shape: tuple[int, int], scope: str):
    scores = separable(*shape)
    one_bit, half = NBit(NBitOptions(bits=1, scope=scope)), Quantile(QuantileOptions(keep=0.5, scope=scope))
    thresholds = half.fit([scores])
    np.testing.assert_array_equal(one_bit.fit([scores])[0], thresholds)
    levels = one_bit.encode(scores, one_bit.fit([scores]), Levels).values
    bits = np.unpackbits(half.encode(scores, thresholds, PackedBits).bits, axis=1)[:, : scores.matrix.size]
    np.testing.assert_array_equal(levels, bits)
    if scope != "row":
        counted = one_bit.encode(scores, one_bit.fit([scores]), LevelCounts).counts
        np.testing.assert_array_equal(counted[0], half.encode(scores, thresholds, KeptCounts).counts)


@pytest.mark.parametrize("bits", range(1, 9))
@pytest.mark.parametrize("scope", ["row", "matrix"])
def test_levels_without_ties_are_equally_filled(bits: int, scope: str):
    values = np.random.default_rng(0).permuted(np.tile(np.arange(512.0), (2, 3, 1)), axis=2)
    quantizer = NBit(NBitOptions(bits=bits, scope=scope))
    scores = per_weight(values if scope == "row" else values + 0.125 * np.arange(3)[:, None])
    levels = quantizer.encode(scores, quantizer.fit([scores]), Levels).values
    for language in levels:
        assert np.bincount(language).tolist() == [512 * 3 >> bits] * 2**bits


@settings(deadline=None, max_examples=40)
@given(rows=st.integers(1, 9), columns=st.integers(1, 9), bits=st.integers(1, 5), seed=st.integers(0, 99))
def test_both_forms_say_the_same(rows: int, columns: int, bits: int, seed: int):
    scores = separable(rows, columns, seed)
    quantizer = NBit(NBitOptions(bits=bits))
    fitted = quantizer.fit([scores])
    np.testing.assert_array_equal(quantizer.fit([as_per_weight(scores)]), fitted)
    expected = (written_out(scores)[None] > fitted[:, :, None, None]).sum(axis=0)
    levels = quantizer.encode(as_per_weight(scores), fitted, Levels).values
    np.testing.assert_array_equal(levels, expected.reshape(4, -1))
    above = (expected[None] > np.arange(2**bits - 1)[:, None, None, None]).sum(axis=2)
    np.testing.assert_array_equal(quantizer.encode(scores, fitted, LevelCounts).counts, above)


@pytest.mark.parametrize("bits", [1, 3, 8])
def test_grading_is_a_search(bits: int):
    source = np.random.default_rng(bits)
    thresholds = np.sort(source.integers(0, 9, size=(4, 2**bits - 1)).astype(np.float32), axis=1)
    values = source.integers(-1, 10, size=(4, 50)).astype(np.float32)
    into = np.empty(values.shape, dtype=np.uint8)
    grade(values, thresholds, into)
    np.testing.assert_array_equal(into, [np.searchsorted(*pair) for pair in zip(thresholds, values, strict=True)])


@pytest.mark.parametrize("bits", [0, 9])
def test_levels_fit_into_a_byte(bits: int):
    with pytest.raises(ValidationError):
        NBitOptions(bits=bits)
