from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from tiny_models import one_thread

from langgeo_core.api import DeferredScores, LevelCounts, SeparableScores, WeightMatrix
from langgeo_quantizers import search as searching
from langgeo_quantizers.bits import Median
from langgeo_quantizers.columns import SURROUNDED, count_above
from langgeo_quantizers.levels import NBit
from langgeo_quantizers.options import MedianOptions, NBitOptions
from langgeo_quantizers.search import search

WEIGHTS = {
    "normal": lambda source, shape: source.normal(size=shape),
    "four bits": lambda source, shape: np.round(source.normal(size=shape) * 3) / 4,
    "mostly zero": lambda source, shape: source.normal(size=shape) * (source.random(shape) < 0.4),
    "two values": lambda source, shape: source.choice([0.25, 4.0], size=shape),
    "one value": lambda source, shape: np.full(shape, 0.7),
    "ten decades": lambda source, shape: 10 ** source.uniform(-5, 5, size=shape),
    "overflowing": lambda source, shape: 10 ** source.uniform(15, 19, size=shape),
}
DEVICES = [None, "cpu"]


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def group(
    kind: str, seed: int, shapes: Sequence[tuple[int, int]], languages: int = 3, device: str | None = None
) -> list[SeparableScores]:
    """Matrices of different scales; the first language's g is 1, so that its scores tie wherever weights do."""
    source, made = np.random.default_rng(seed), []
    for place, (rows, columns) in enumerate(shapes):
        weights = (WEIGHTS[kind](source, (rows, columns)) * 3.0**place).astype(np.float32)
        factors = source.gamma(0.5, size=(languages, columns)).astype(np.float32)
        factors[0] = 1
        matrix = WeightMatrix(f"m{place}", 0, "m", rows, columns, "m")
        made.append(SeparableScores(matrix, weights, factors, device))
    return made


def deferred(parts: Sequence[SeparableScores]) -> list[DeferredScores]:
    return [DeferredScores(one.matrix, one.weights.copy, one.feature_scores, one.device) for one in parts]


def assert_exact(parts: Sequence[SeparableScores], ranks: Sequence[int], sought: Sequence[SeparableScores]) -> None:
    """Statistic, number above and successor are those of all scores, written out and sorted."""
    with np.errstate(over="ignore"):
        languages = range(parts[0].languages)
        scores = np.sort([np.concatenate([one.dense(who).ravel() for one in parts]) for who in languages], axis=1)
        for rank, found in zip(ranks, search(sought, ranks), strict=True):
            expected = scores[:, rank - 1]
            np.testing.assert_array_equal(found.statistic, expected)
            for who in languages:
                larger = scores[who][scores[who] > expected[who]]
                assert found.above[who] == len(larger)
                assert found.successor[who] == (larger[0] if len(larger) else np.inf)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", WEIGHTS)
def test_any_scores_held_or_read_anew(kind: str, device: str | None):
    parts = group(kind, 1, [(151, 131), (64, 128), (1, 77), (90, 1)], device=device)
    size = sum(part.matrix.size for part in parts)
    ranks = [1, size // 3, (size + 1) // 2, size]
    assert_exact(parts, ranks, parts)
    assert_exact(parts, ranks, deferred(parts))


@settings(deadline=None, max_examples=40)
@given(
    kind=st.sampled_from(sorted(WEIGHTS)),
    seed=st.integers(0, 2**32 - 1),
    shapes=st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1, max_size=3),
    share=st.floats(0, 1),
    few=st.sampled_from([1, 8, 4096]),
    gathered=st.sampled_from([30, 2000, 1 << 28]),
    stride=st.sampled_from([1, 5, 128]),
)
def test_however_little_is_gathered_or_sampled(
    kind: str,
    seed: int,
    shapes: list[tuple[int, int]],
    share: float,
    few: int,
    gathered: int,
    stride: int,
):
    parts = group(kind, seed, shapes)
    size = sum(part.matrix.size for part in parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "FEW", few)
        patch.setattr(searching, "GATHERED", gathered)
        patch.setattr(searching, "STRIDE", stride)
        assert_exact(parts, [1 + int(share * (size - 1)), (size + 1) // 2], deferred(parts))


@pytest.mark.parametrize("place", [0.0, 0.1, 0.9, 1.0])
def test_a_sample_that_misleads_costs_passes_and_nothing_else(monkeypatch: pytest.MonkeyPatch, place: float):
    def misled(self: object, language: int, first: int, last: int, shares: np.ndarray) -> np.ndarray:
        return first + (place * (last - first) * shares**0).astype(np.int64) + np.array([0, 5])

    monkeypatch.setattr(searching._Sample, "patterns", misled)
    parts = group("normal", 2, [(120, 110), (130, 60)])
    assert_exact(parts, [7000, 20_000], parts)


def test_a_median_takes_a_pass_to_sample_and_one_to_find():
    parts = group("normal", 3, [(300, 200), (200, 300), (128, 256)], languages=20)
    reads: list[str] = []

    def reading(one: SeparableScores) -> DeferredScores:
        def read() -> np.ndarray:
            reads.append(one.matrix.name)
            return one.weights

        return DeferredScores(one.matrix, read, one.feature_scores)

    scores = [reading(one) for one in parts]
    Median(MedianOptions(scope="global")).fit(scores)
    assert reads == ["m0", "m1", "m2"] * 2
    reads.clear()
    NBit(NBitOptions(bits=2, scope="global")).fit(scores)
    assert reads == ["m0", "m1", "m2"] * 2


def unreadable(scores: DeferredScores) -> None:
    """Let the weights fail to be read from now on."""

    def fail() -> np.ndarray:
        raise AssertionError("read again")

    vars(scores)["_read"] = fail


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", sorted(WEIGHTS))
def test_what_a_search_has_counted_is_not_read_again(kind: str, device: str | None):
    parts = group(kind, 6, [(151, 131), (64, 128), (1, 77), (90, 1)], device=device)
    size, tried = sum(part.matrix.size for part in parts), 0
    for rank in (1, size // 3, (size + 1) // 2, size):
        scores = deferred(parts)
        (found,) = search(scores, [rank])
        if not all(one in SURROUNDED for one in scores):  # it took more than one pass
            continue
        tried += 1
        middle = ((found.statistic.astype(np.float64) + found.successor) / 2).astype(np.float32)
        for limits in (found.statistic, np.where(np.isfinite(middle), middle, found.statistic)):
            expected = [count_above(part, limits) for part in parts]
            known = [SURROUNDED[one].above(limits) for one in scores]
            for one, other in zip(known, expected, strict=True):
                if one is None:  # the middle of neighbouring numbers is the larger one, which was not told apart
                    assert (limits >= found.successor).any()
                else:
                    np.testing.assert_array_equal(one, other)
        for one in scores:
            unreadable(one)
        assert count_above(scores[0], found.statistic).dtype == np.int32
        with pytest.raises(AssertionError, match="read again"):
            count_above(scores[0], np.zeros_like(found.statistic) - 2)
    assert tried


@pytest.mark.parametrize(("rows", "kept"), [((1 << 16) - 1, True), (1 << 16, False)])
def test_counts_are_kept_that_have_sixteen_bits(rows: int, kept: bool):
    scores = deferred(group("normal", 8, [(rows, 1)], languages=1))
    (found,) = search(scores, [2])
    assert (scores[0] in SURROUNDED) == kept
    assert count_above(scores[0], found.statistic)[0, 0] == rows - 2


def test_one_bit_asks_for_what_was_counted():
    scores = deferred(group("normal", 9, [(100, 90)]))
    quantizer = NBit(NBitOptions(bits=1, scope="global"))
    fitted = quantizer.fit(scores)
    unreadable(scores[0])
    assert quantizer.encode(scores[0], fitted, LevelCounts).counts.shape == (1, 3, 90)


def test_counts_are_kept_of_few_columns_and_for_as_long_as_their_scores(monkeypatch: pytest.MonkeyPatch):
    parts = group("normal", 7, [(100, 90)])
    scores = deferred(parts)
    search(scores, [4000])
    assert scores[0] in SURROUNDED
    search(parts, [4000])
    assert parts[0] not in SURROUNDED
    before = len(SURROUNDED)
    del scores
    assert len(SURROUNDED) == before - 1
    monkeypatch.setattr(searching, "COUNTED", 90 * parts[0].languages - 1)
    scores = deferred(parts)
    search(scores, [4000])
    assert scores[0] not in SURROUNDED


def test_many_levels_of_scores_read_anew_are_those_of_scores_held():
    parts = group("four bits", 4, [(40, 30), (50, 70)])
    quantizer = NBit(NBitOptions(bits=5, scope="global"))
    np.testing.assert_array_equal(quantizer.fit(deferred(parts)), quantizer.fit(parts))


def test_scores_read_anew_keep_no_weights():
    (part,) = group("normal", 5, [(20, 30)])
    (unread,) = deferred([part])
    held = unread.held()
    assert held.weights is held.weights
    assert unread.weights is not unread.weights
    np.testing.assert_array_equal(unread.sorted_squares, np.sort(np.square(part.weights).T, axis=1))
    np.testing.assert_array_equal(unread.dense(1), part.dense(1))
    np.testing.assert_array_equal(unread.block(3, 9).weights, part.weights[3:9])
