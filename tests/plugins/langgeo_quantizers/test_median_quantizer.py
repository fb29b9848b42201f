from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import ValidationError
from tiny_models import one_thread

import langgeo_quantizers
from langgeo_core.api import KeptCounts, Layout, PackedBits, SeparableScores, WeightMatrix
from langgeo_core.comparison.pairwise import scopes
from langgeo_quantizers.bits import Median
from langgeo_quantizers.options import MedianOptions
from langgeo_quantizers.thresholds import medians, order_statistics


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def scores(weights: object, factors: object, *, layer: int = 0, name: str = "w") -> SeparableScores:
    values = np.array(weights, dtype=np.float32)
    matrix = WeightMatrix(name, layer, name, *values.shape, input=name)
    return SeparableScores(matrix, values, np.array(factors, dtype=np.float32))


def random_scores(rows: int, columns: int, seed: int, *, languages: int = 4, layer: int = 0) -> SeparableScores:
    """Quantised weights with many ties and zeros, and factors that differ between columns."""
    source = np.random.default_rng(seed)
    weights = np.round(source.normal(size=(rows, columns)) * 4) / 8
    return scores(weights, source.gamma(1.0, size=(languages, columns)), layer=layer, name=f"m{seed}")


def written_out(group: Sequence[SeparableScores], language: int) -> np.ndarray:
    """All of one language's scores: float32 products of float32 squares and factors."""
    parts = [np.float32(part.weights * part.weights) * part.feature_scores[language] for part in group]
    assert {part.dtype for part in parts} == {np.dtype(np.float32)}
    return np.concatenate([part.ravel() for part in parts])


def dense_medians(group: Sequence[SeparableScores]) -> np.ndarray:
    """The mean of the two middle scores, formed in float64 and rounded once."""
    languages = range(group[0].languages)
    return np.float32([np.median(written_out(group, language).astype(np.float64)) for language in languages])


def assert_exact(group: Sequence[SeparableScores]) -> None:
    """Medians are numpy's, and both signatures keep exactly what lies above them."""
    quantizer = Median(MedianOptions())
    thresholds = quantizer.fit(group)
    assert thresholds.dtype == np.float32
    np.testing.assert_array_equal(thresholds, dense_medians(group))
    for part in group:
        counted, packed = (quantizer.encode(part, thresholds, form) for form in (KeptCounts, PackedBits))
        assert counted.matrix == packed.matrix == part.matrix
        assert counted.counts.dtype == np.int32
        for language, threshold in enumerate(thresholds):
            kept = written_out([part], language).reshape(part.weights.shape) > threshold
            np.testing.assert_array_equal(counted.counts[language], kept.sum(axis=0))
            bits = np.unpackbits(packed.bits[language])
            np.testing.assert_array_equal(bits[: part.matrix.size], kept.ravel())
            assert not bits[part.matrix.size :].any()
        np.testing.assert_array_equal(counted.kept_share, packed.kept_share)


def test_the_plugin_registers_a_record_that_loads():
    record = next(record for record in langgeo_quantizers.langgeo_quantizers() if record.name == "median")
    built = record.load("factory")(record.load("options")())
    assert (record.name, built.scope) == ("median", "matrix")
    assert built.forms()[0] is KeptCounts
    with pytest.raises(ValidationError):
        MedianOptions(scope="half")


def test_an_odd_number_of_scores_by_hand():
    # Scores of the first language 1, 4, 9 and of the second 1, 8, 0: medians 4 and 1.
    group = [scores([[1, 2, 3]], [[1, 1, 1], [1, 2, 0]])]
    np.testing.assert_array_equal(medians(group), [4, 1])
    counted = Median(MedianOptions()).encode(group[0], medians(group), KeptCounts)
    np.testing.assert_array_equal(counted.counts, [[0, 0, 1], [0, 1, 0]])
    np.testing.assert_allclose(counted.kept_share, [1 / 3, 1 / 3])


def test_an_even_number_of_scores_by_hand():
    # 1, 4, 16, 64: the median is 10, and half of them exceed it.
    part = scores([[1, 4], [-2, -8]], [[1, 1]])
    np.testing.assert_array_equal(medians([part]), [10])
    packed = Median(MedianOptions()).encode(part, medians([part]), PackedBits)
    assert np.unpackbits(packed.bits[0]).tolist() == [0, 1, 0, 1, 0, 0, 0, 0]
    assert packed.kept_share.tolist() == [0.5]


@pytest.mark.parametrize("weights", [np.zeros((3, 4)), np.full((2, 5), -0.5), [[0.0]], [[2.0]], [[0, 0, 0, 1]]])
def test_ties_and_zeros_are_not_above_the_median(weights: object):
    assert_exact([scores(weights, np.full((2, np.shape(weights)[1]), 3.0))])


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (5, 5), (8, 6), (17, 3), (40, 25)])
def test_medians_counts_and_bits_are_exact(shape: tuple[int, int]):
    assert_exact([random_scores(*shape, seed=sum(shape))])


def test_scores_that_are_tiny_or_overflow():
    assert_exact([scores([[1e-23, 1e-20, 1.0], [3e-23, 1e-19, 2.0]], [[1.0, 1e-3, 1e-38], [1e30, 1.0, 1e-30]])])
    with np.errstate(over="ignore"):
        assert_exact([scores([[1e18, 1.0, 2.0]], [[1e10, 1.0, 1.0]])])


def test_threads_change_nothing():
    import numba

    part = random_scores(40, 60, seed=3)
    quantizer = Median(MedianOptions())
    alone = quantizer.encode(part, quantizer.fit([part]), KeptCounts).counts
    numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
    together = quantizer.encode(part, quantizer.fit([part]), KeptCounts).counts
    numba.set_num_threads(1)
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("scope", ["matrix", "layer", "global"])
def test_a_scope_shares_one_median(scope: str):
    parts = [random_scores(6 + place, 5 + 3 * place, seed=place, layer=place // 2) for place in range(4)]
    layout = Layout(tuple(part.matrix for part in parts))
    by_name = {part.matrix.name: part for part in parts}
    groups = [[by_name[matrix.name] for matrix in group] for group in scopes(layout, MedianOptions(scope=scope).scope)]
    assert [len(group) for group in groups] == {"matrix": [1] * 4, "layer": [2, 2], "global": [4]}[scope]
    for group in groups:
        assert_exact(group)


def test_half_of_a_scope_is_kept_but_not_half_of_each_matrix():
    source = np.random.default_rng(5)
    parts = [scores(source.normal(size=(20, 10)) * size, np.ones((1, 10))) for size in (1, 100)]
    quantizer = Median(MedianOptions(scope="global"))
    shares = [quantizer.encode(part, quantizer.fit(parts), KeptCounts).kept_share[0] for part in parts]
    assert sum(shares) == 1
    assert shares[1] > 0.9


def test_every_order_statistic_is_that_of_sorted_scores():
    group = [random_scores(5, 4, seed=1), random_scores(3, 2, seed=2)]
    expected = np.sort([written_out(group, language) for language in range(4)], axis=1)
    for rank in range(1, 27):
        np.testing.assert_array_equal(order_statistics(group, rank), expected[:, rank - 1])


def test_a_language_does_not_depend_on_the_others():
    part = random_scores(11, 7, seed=9, languages=6)
    order = [4, 2, 5]
    fewer = SeparableScores(part.matrix, part.weights, part.feature_scores[order])
    np.testing.assert_array_equal(medians([fewer]), medians([part])[order])


DISTRIBUTIONS = {
    "normal": lambda source, shape: source.normal(size=shape),
    "four bits": lambda source, shape: np.round(source.normal(size=shape) * 3) / 4,
    "mostly zero": lambda source, shape: source.normal(size=shape) * (source.random(shape) < 0.4),
    "two values": lambda source, shape: source.choice([0.25, 4.0], size=shape),
    "one value": lambda source, shape: np.full(shape, 0.7),
    "ten decades": lambda source, shape: 10 ** source.uniform(-5, 5, size=shape),
    "one giant": lambda source, shape: np.where(np.arange(shape[0])[:, None] == 0, 1e12, source.normal(size=shape)),
}


def many(distribution: str, seed: int, *shapes: tuple[int, int]) -> list[SeparableScores]:
    """Matrices whose scores are too many to be sorted at once."""
    source = np.random.default_rng(seed)
    parts = []
    for place, shape in enumerate(shapes):
        weights = DISTRIBUTIONS[distribution](source, shape) * 3.0**place
        factors = np.stack([np.ones(shape[1]), source.gamma(0.5, size=shape[1]), 10 ** source.uniform(-6, 6, shape[1])])
        parts.append(scores(weights, factors, name=f"m{place}"))
    return parts


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_many_scores_of_any_distribution(distribution: str):
    assert_exact(many(distribution, 0, (151, 131), (64, 128), (1, 77)))


@settings(deadline=None, max_examples=12)
@given(
    distribution=st.sampled_from(sorted(DISTRIBUTIONS)),
    seed=st.integers(0, 2**32 - 1),
    shapes=st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1, max_size=3),
)
def test_many_scores_of_any_shape(distribution: str, seed: int, shapes: list[tuple[int, int]]):
    assert_exact(many(distribution, seed, *shapes))


@st.composite
def groups(draw: st.DrawFn) -> list[SeparableScores]:
    """One to three matrices of few distinct values, so that ties are the rule."""
    languages = draw(st.integers(1, 3))
    made = []
    for place in range(draw(st.integers(1, 3))):
        rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 5))
        weights = draw(arrays(np.float32, (rows, columns), elements=st.sampled_from([-2, -0.5, 0, 0.1, 0.3, 2])))
        factors = draw(arrays(np.float32, (languages, columns), elements=st.sampled_from([0.01, 0.1, 1, 1.5, 7])))
        made.append(scores(weights, factors, name=f"m{place}"))
    return made


@settings(deadline=None, max_examples=40)
@given(group=groups())
def test_exact_for_any_scores(group: list[SeparableScores]):
    assert_exact(group)
