from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from score_cases import as_per_weight, per_weight, separable, written_out
from tiny_models import one_thread

from langgeo_core.api import KeptCounts, NumericalError, PackedBits, PerWeightScores
from langgeo_quantizers.bits import Median, Quantile
from langgeo_quantizers.options import MedianOptions, QuantileOptions
from langgeo_quantizers.streamed import streamed_order_statistics
from langgeo_quantizers.thresholds import medians, order_statistics, row_medians, row_order_statistics


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


COUNTED = {"whole": 0, "chunk": 20}
"""The scores of a language are counted a few rows at a time."""
ways = pytest.mark.parametrize("way", [{}, COUNTED], ids=["sorted", "counted"])


SHAPES = [(1, 1), (1, 9), (9, 1), (5, 5), (8, 6), (17, 3), (40, 25)]


@pytest.mark.parametrize("shape", SHAPES)
def test_medians_are_those_of_the_compact_road_to_the_last_bit(shape: tuple[int, int]):
    group = [separable(*shape, seed=seed) for seed in range(3)]
    for count in (1, 3):
        expected = medians(group[:count])
        found = medians([as_per_weight(scores) for scores in group[:count]])
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32))


@pytest.mark.parametrize("shape", SHAPES)
def test_counting_finds_what_sorting_finds_to_the_last_bit(shape: tuple[int, int]):
    group = [as_per_weight(separable(*shape, seed=seed)) for seed in range(3)]
    for count in (1, 3):
        ranks = range(1, 1 + count * shape[0] * shape[1])
        counted = streamed_order_statistics(group[:count], ranks, **COUNTED)
        np.testing.assert_array_equal(
            counted.view(np.uint32), streamed_order_statistics(group[:count], ranks).view(np.uint32)
        )


@ways
def test_every_order_statistic_is_that_of_sorted_scores(way: dict[str, int]):
    group = [separable(5, 4, seed=1), separable(3, 2, seed=2)]
    expected = np.sort(np.concatenate([written_out(part).reshape(4, -1) for part in group], axis=1), axis=1)
    found = streamed_order_statistics([as_per_weight(part) for part in group], range(1, 27), **way)
    np.testing.assert_array_equal(found, expected.T)
    np.testing.assert_array_equal(order_statistics([as_per_weight(part) for part in group], 7), expected[:, 6])


EDGES = [0.0, -0.0, 1e-45, 1e-38, 1.0, np.nextafter(np.float32(1), np.float32(2)), 1.5, 3e38, np.inf]


@settings(deadline=None, max_examples=40)
@given(
    values=arrays(
        np.float32, st.tuples(st.just(2), st.integers(1, 5), st.integers(1, 4)), elements=st.sampled_from(EDGES)
    )
)
def test_counting_is_exact_for_any_scores(values: np.ndarray):
    found = streamed_order_statistics([per_weight(values)], range(1, values[0].size + 1), whole=0)
    np.testing.assert_array_equal(found, np.sort(values.reshape(2, -1), axis=1).T)


@ways
@pytest.mark.parametrize("wrong", [-1.0, np.nan, -np.inf])
def test_what_is_no_score_is_refused(wrong: float, way: dict[str, int]):
    values = np.ones((2, 5, 7))
    values[1, 3, 2] = wrong
    with pytest.raises(NumericalError, match="m: scores must be non-negative numbers"):
        streamed_order_statistics([per_weight(values)], [18], **way)
    with pytest.raises(NumericalError, match="m: scores must be non-negative numbers"):
        medians([per_weight(values)])


def test_a_few_rows_of_one_language_are_read_at_a_time():
    scores, read = as_per_weight(separable(10, 8)), []

    def watched(language: int, start: int, stop: int) -> np.ndarray:
        read.append((language, start, stop))
        return scores.read(language, start, stop)

    streamed_order_statistics([PerWeightScores(scores.matrix, 2, watched)], [40], whole=0, chunk=24)
    assert read == [(who, start, min(start + 3, 10)) for who in (0, 1) for _ in "ab" for start in (0, 3, 6, 9)]


@pytest.mark.parametrize("columns", [1, 2, 7, 8])
def test_row_medians_are_numpys(columns: int):
    scores = separable(9, columns)
    expected = np.median(written_out(scores).astype(np.float64), axis=2).astype(np.float32)
    for part in (scores, as_per_weight(scores)):
        np.testing.assert_array_equal(row_medians(part), expected)


def test_row_order_statistics_are_those_of_sorted_rows():
    scores = separable(6, 5)
    expected = np.sort(written_out(scores), axis=2)
    np.testing.assert_array_equal(row_order_statistics(scores, [1, 3, 5]), expected[:, :, [0, 2, 4]].transpose(2, 0, 1))


@pytest.mark.parametrize("quantizer", [Median(MedianOptions(scope="row")), Quantile(QuantileOptions(scope="row"))])
def test_a_row_is_compared_with_itself_alone(quantizer: Median | Quantile):
    """Each row may be scaled by a factor of its own: the bits stay."""
    scores = separable(9, 8)
    scaled = per_weight(written_out(scores) * 2.0 ** np.arange(9)[:, None])
    assert quantizer.forms() == (PackedBits,)
    bits = [quantizer.encode(part, quantizer.fit([part]), PackedBits).bits for part in (scores, scaled)]
    np.testing.assert_array_equal(*bits)
    shares = np.unpackbits(bits[0], axis=1)[:, :72].reshape(4, 9, 8).mean(axis=2)
    assert shares.max() <= 0.5


def test_quantiles_keep_their_share_of_every_row():
    source = np.random.default_rng(0)
    scores = per_weight(source.random((3, 6, 40)))
    quantizer = Quantile(QuantileOptions(keep=0.1, scope="row"))
    kept = np.unpackbits(quantizer.encode(scores, quantizer.fit([scores]), PackedBits).bits, axis=1)
    assert (kept.reshape(3, 6, 40).sum(axis=2) == 4).all()


@pytest.mark.parametrize("scope", ["matrix", "layer", "global"])
def test_wider_scopes_offer_counts_first(scope: str):
    assert Median(MedianOptions(scope=scope)).forms() == (KeptCounts, PackedBits)
