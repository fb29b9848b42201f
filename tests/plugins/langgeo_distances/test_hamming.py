import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.spatial.distance import pdist, squareform

import langgeo_distances
from langgeo_core.api import Dense, KeptCounts, LevelCounts, Levels, PackedBits, WeightMatrix
from langgeo_distances.hamming import Hamming
from langgeo_distances.pairs import differing_bits


def nested(counts: np.ndarray, rows: int, seed: int = 0) -> tuple[WeightMatrix, np.ndarray]:
    """(languages, rows, columns) bits: what each language keeps of a column is an upper tail of one random order."""
    columns = counts.shape[1]
    rank = np.argsort(np.random.default_rng(seed).random((rows, columns)), axis=0)
    return WeightMatrix("w", 0, "w", rows, columns, "w"), rank[None] >= rows - counts[:, None, :]


def packed(matrix: WeightMatrix, bits: np.ndarray) -> PackedBits:
    return PackedBits(matrix, np.stack([np.packbits(language) for language in bits]))


def random_counts(languages: int, columns: int, rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, rows + 1, size=(languages, columns), dtype=np.int32)


def test_the_plugin_registers_a_record_that_loads():
    record = next(record for record in langgeo_distances.langgeo_distances() if record.name == "hamming")
    distance = record.load("factory")()
    assert (record.name, distance.terms) == ("hamming", ("differing",))
    assert distance.forms() == (KeptCounts, LevelCounts, PackedBits, Levels)


def test_two_languages_by_hand():
    matrix = WeightMatrix("w", 0, "w", 5, 3, "w")
    partial = Hamming().partial(KeptCounts(matrix, np.array([[5, 0, 2], [1, 0, 3]], dtype=np.int32)))
    assert partial.tolist() == [[[0, 5], [5, 0]]]
    np.testing.assert_allclose(Hamming().finish(partial, matrix.size), [[0, 1 / 3], [1 / 3, 0]])


@settings(deadline=None, max_examples=40)
@given(languages=st.integers(1, 6), rows=st.integers(1, 12), columns=st.integers(1, 9), seed=st.integers(0, 2**32 - 1))
def test_counts_bits_and_scipy_give_the_same_integers(languages: int, rows: int, columns: int, seed: int):
    counts = random_counts(languages, columns, rows, seed)
    matrix, bits = nested(counts, rows, seed)
    by_counts, by_bits = Hamming().partial(KeptCounts(matrix, counts)), Hamming().partial(packed(matrix, bits))
    assert by_counts.shape == (1, languages, languages)
    assert by_counts.dtype == by_bits.dtype == np.float64
    np.testing.assert_array_equal(by_counts, by_bits)
    flat = bits.reshape(languages, -1)
    brute = [[np.count_nonzero(first != second) for second in flat] for first in flat]
    np.testing.assert_array_equal(by_counts[0], brute)
    if languages > 1:
        scipys = squareform(pdist(flat, "hamming"))
        np.testing.assert_allclose(Hamming().finish(by_counts, matrix.size), scipys, rtol=1e-14)


def test_bits_over_several_blocks():
    matrix, bits = nested(random_counts(5, 40, 30), 30)
    signature = packed(matrix, bits)
    np.testing.assert_array_equal(Hamming().partial(signature)[0], differing_bits(signature.bits, 7))
    assert bits[0].size / 8 > 2 * 7


def test_bits_that_do_not_nest_are_compared_one_by_one():
    bits = np.random.default_rng(0).random((6, 11, 13)) < 0.5
    matrix = WeightMatrix("w", 0, "w", 11, 13, "w")
    found = Hamming().finish(Hamming().partial(packed(matrix, bits)), matrix.size)
    np.testing.assert_allclose(found, squareform(pdist(bits.reshape(6, -1), "hamming")), rtol=1e-14)


def test_large_counts_do_not_overflow():
    matrix = WeightMatrix("w", 0, "w", 2**30, 3000, "w")
    counts = np.zeros((2, 3000), dtype=np.int32)
    counts[1] = 2**30
    assert Hamming().partial(KeptCounts(matrix, counts))[0, 0, 1] == 3000 * 2**30


@pytest.mark.parametrize("form", ["counts", "bits"])
def test_the_order_of_languages_changes_nothing_else(form: str):
    counts, order = random_counts(7, 12, 20), np.random.default_rng(3).permutation(7)
    matrix, bits = nested(counts, 20)
    straight = KeptCounts(matrix, counts) if form == "counts" else packed(matrix, bits)
    shuffled = KeptCounts(matrix, counts[order]) if form == "counts" else packed(matrix, bits[order])
    expected = Hamming().partial(straight)[0][np.ix_(order, order)]
    np.testing.assert_array_equal(Hamming().partial(shuffled)[0], expected)


def test_other_signatures_are_refused():
    matrix = WeightMatrix("w", 0, "w", 1, 2, "w")
    with pytest.raises(TypeError, match="not Dense"):
        Hamming().partial(Dense(matrix, np.zeros((2, 2), dtype=np.float32)))
