from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from tiny_models import one_thread

from langgeo_core.api import LevelCounts, Levels, WeightMatrix
from langgeo_distances.angles import moments
from langgeo_distances.hamming import Hamming
from langgeo_distances.norms import L1, L2
from langgeo_distances.pairs import BLOCK, city_block


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def nested_levels(
    languages: int, thresholds: int, rows: int, columns: int, seed: int
) -> tuple[LevelCounts, Levels, np.ndarray]:
    """Levels of one random order a column, in both forms, and written out as (languages, entries) int64."""
    source = np.random.default_rng(seed)
    counts = source.integers(0, rows + 1, size=(thresholds, languages, columns))
    counts = -np.sort(-counts, axis=0)
    place = np.argsort(source.random((rows, columns)), axis=0)
    levels = (place < counts[:, :, None, :]).sum(axis=0).reshape(languages, -1)
    matrix = WeightMatrix("w", 0, "w", rows, columns, "w")
    return LevelCounts(matrix, counts.astype(np.int32)), Levels(matrix, levels.astype(np.uint8)), levels


CASES = {
    "languages": st.integers(1, 5),
    "thresholds": st.sampled_from([1, 3, 7, 15]),
    "rows": st.integers(1, 12),
    "columns": st.integers(1, 6),
    "seed": st.integers(0, 2**32 - 1),
}


@settings(deadline=None, max_examples=40)
@given(**CASES)
def test_counts_and_levels_give_what_every_weight_gives(**case: int):
    counts, levels, plain = nested_levels(**case)
    gaps = plain[:, None] - plain[None]
    expected = {Hamming: (gaps != 0), L1: abs(gaps), L2: gaps**2}
    for kind, values in expected.items():
        for signature in (counts, levels):
            np.testing.assert_array_equal(kind().partial(signature)[0], values.sum(axis=2))
    for signature in (counts, levels):
        products, sums, entries = moments(signature)
        np.testing.assert_array_equal(products, plain @ plain.T)
        np.testing.assert_array_equal(sums[:, 0], plain.sum(axis=1))
        assert (entries == plain.shape[1]).all()


@settings(deadline=None, max_examples=30)
@given(**CASES)
def test_l1_is_the_sum_of_the_city_blocks_of_all_thresholds(**case: int):
    counts, _, _ = nested_levels(**case)
    expected = sum(city_block(above) for above in counts.counts)
    np.testing.assert_array_equal(L1().partial(counts)[0], expected)


def test_levels_over_several_blocks():
    matrix = WeightMatrix("w", 0, "w", 3, BLOCK, "w")
    plain = np.random.default_rng(0).integers(0, 256, size=(4, matrix.size))
    gaps = plain[:, None] - plain[None]
    for kind, expected in {Hamming: gaps != 0, L1: abs(gaps), L2: gaps**2}.items():
        found = kind().partial(Levels(matrix, plain.astype(np.uint8)))[0]
        np.testing.assert_array_equal(found, expected.sum(axis=2))


def test_the_highest_levels_do_not_overflow():
    matrix = WeightMatrix("w", 0, "w", 300, 1000, "w")
    values = np.zeros((2, matrix.size), dtype=np.uint8)
    values[1] = 255
    expected = {Hamming: 1, L1: 255, L2: 255**2}
    for kind, each in expected.items():
        assert kind().partial(Levels(matrix, values))[0, 0, 1] == each * matrix.size
    counts = np.zeros((255, 2, 1000), dtype=np.int32)
    counts[:, 1] = 300
    for kind, each in expected.items():
        assert kind().partial(LevelCounts(matrix, counts))[0, 0, 1] == each * matrix.size
