"""Scopes whose weights are too many to be held: the same distances, with one weight matrix in memory."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from tiny_models import one_thread

from langgeo_core.comparison import pairwise as comparing
from langgeo_core.comparison.pairwise import Comparison, Recipe, Scoring, compare, counting_device
from langgeo_core.contract.signatures import DeferredScores, PackedBits, Signature
from langgeo_core.contract.types import CellStatistics, InputStatistics, Layout, WeightMatrix, WeightStatistics
from langgeo_distances.hamming import Hamming
from langgeo_quantizers import columns as sorting, search as searching
from langgeo_quantizers.bits import Median, Quantile
from langgeo_quantizers.levels import NBit
from langgeo_quantizers.options import MedianOptions, NBitOptions, QuantileOptions

LANGUAGES = ("deu", "eng", "fin", "nan", "yor")
SHAPES = (("q", 60, 50, "q"), ("k", 20, 50, "q"), ("down", 50, 90, "down"))
LAYOUT = Layout(
    tuple(
        WeightMatrix(f"layers.{layer}.{name}", layer, name, rows, columns, f"layers.{layer}.{fed}")
        for layer in range(3)
        for name, rows, columns, fed in SHAPES
    )
)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Every reader collects garbage, which is quick where what was there before is left out."""
    gc.collect()
    gc.freeze()
    with one_thread():
        yield
    gc.unfreeze()


class Weights:
    """Random weights, made anew for every reader; knows how many are alive."""

    def __init__(self) -> None:
        self.alive, self.most, self.reads = 0, 0, 0

    def read(self, name: str) -> np.ndarray:
        gc.collect()
        matrix = next(matrix for matrix in LAYOUT.matrices if matrix.name == name)
        source = np.random.default_rng(len(name) + 7 * matrix.layer)
        values = (np.round(source.normal(size=(matrix.rows, matrix.columns)) * 40) / 80).astype(np.float32)
        weakref.finalize(values, self._gone)
        self.alive, self.reads = self.alive + 1, self.reads + 1
        self.most = max(self.most, self.alive)
        return values

    def _gone(self) -> None:
        self.alive -= 1


class Factor:
    """g as it stands in the statistics."""

    def feature_scores(self, statistics: InputStatistics) -> np.ndarray:
        return statistics.gram_diagonal


class OnlyFactor(Factor):
    uses_weights = False


def cells() -> Iterator[CellStatistics]:
    source = np.random.default_rng(1)
    for who in LANGUAGES:
        diagonals = {name: source.gamma(1.0, size=n) for name, n in LAYOUT.inputs.items()}
        yield CellStatistics(who, 9, {name: InputStatistics(g, g, g, 0.1, 9) for name, g in diagonals.items()})


def compared(quantizer: object, weights: Weights, form: type[Signature] | None = None, **recipe: object) -> Comparison:
    return compare(cells(), LAYOUT, weights, Recipe(Factor(), quantizer, Hamming(), **recipe), form)


QUANTIZERS = {
    "median": lambda scope: Median(MedianOptions(scope=scope)),
    "quantile": lambda scope: Quantile(QuantileOptions(scope=scope, keep=0.2)),
    "2 bits": lambda scope: NBit(NBitOptions(scope=scope, bits=2)),
    "5 bits": lambda scope: NBit(NBitOptions(scope=scope, bits=5)),
}


@pytest.mark.parametrize("scope", ["matrix", "layer", "global"])
@pytest.mark.parametrize("name", QUANTIZERS)
def test_distances_are_the_same_to_the_last_bit(monkeypatch: pytest.MonkeyPatch, name: str, scope: str):
    held = compared(QUANTIZERS[name](scope), Weights())
    monkeypatch.setattr(comparing, "HELD_BYTES", 0)
    streamed = compared(QUANTIZERS[name](scope), Weights())
    np.testing.assert_array_equal(streamed.partials, held.partials)
    np.testing.assert_array_equal(streamed.kept, held.kept)
    np.testing.assert_array_equal(streamed.distances, held.distances)
    assert held.distances[0, 1] > 0


@pytest.mark.parametrize("device", [None, "cpu"])
@pytest.mark.parametrize("scope", ["matrix", "global"])
def test_tensors_count_the_same(scope: str, device: str | None):
    found = compared(Median(MedianOptions(scope=scope)), Weights(), device=device)
    expected = compared(Median(MedianOptions(scope=scope)), Weights(), PackedBits)
    np.testing.assert_array_equal(found.distances, expected.distances)
    np.testing.assert_array_equal(found.kept, expected.kept)


@pytest.mark.parametrize(("scope", "form"), [("global", None), ("layer", None), ("global", PackedBits)])
def test_one_weight_matrix_is_in_memory(monkeypatch: pytest.MonkeyPatch, scope: str, form: type[Signature] | None):
    monkeypatch.setattr(comparing, "HELD_BYTES", 0)
    monkeypatch.setattr(comparing, "BLOCK_BYTES", 8 * len(LANGUAGES) * 90 * 7)
    weights = Weights()
    compared(Median(MedianOptions(scope=scope)), weights, form)
    assert weights.most == 1
    assert weights.reads == (2 if form is None else 3) * len(LAYOUT.matrices)


@pytest.mark.parametrize("device", [None, "cpu"])
def test_where_counts_are_not_kept_no_sorted_matrix_stays(monkeypatch: pytest.MonkeyPatch, device: str | None):
    monkeypatch.setattr(comparing, "HELD_BYTES", 0)
    monkeypatch.setattr(searching, "COUNTED", 0)
    kept: list[int] = []

    class Watched(Hamming):
        def partial(self, signature: Signature) -> np.ndarray:
            kept.append(len(sorting._SORTED))
            return super().partial(signature)

    weights = Weights()
    recipe = Recipe(Factor(), Median(MedianOptions(scope="global")), Watched(), device=device)
    compare(cells(), LAYOUT, weights, recipe)
    assert weights.reads == 3 * len(LAYOUT.matrices)
    assert kept == [0] * len(LAYOUT.matrices)


def test_a_scope_that_fits_is_read_once():
    weights = Weights()
    compared(Median(MedianOptions(scope="global")), weights)
    assert weights.reads == weights.most == len(LAYOUT.matrices)


def test_cells_are_looked_at_one_by_one():
    alive: list[weakref.ref[CellStatistics]] = []

    def watched() -> Iterator[CellStatistics]:
        for cell in cells():
            gc.collect()
            assert [reference for reference in alive if reference() is not None] == alive[-1:]
            alive.append(weakref.ref(cell))
            yield cell

    found = compare(watched(), LAYOUT, Weights(), Recipe(Factor(), Median(MedianOptions()), Hamming()))
    assert found.ids == LANGUAGES
    assert len(alive) == len(LANGUAGES)


class WrittenOut:
    """A scorer that is not separable: the statistic of a weight depends on its place alone."""

    statistic = "places/1"

    def accumulate(self, inputs: object, gradients: object) -> object:
        raise AssertionError("comparing runs no model")

    def scores(self, statistic: np.ndarray, weights: np.ndarray, tokens: int) -> np.ndarray:
        return np.square(weights) * statistic


def written_out() -> Iterator[WeightStatistics]:
    columns = {matrix.name: matrix.columns for matrix in LAYOUT.matrices}
    for place, who in enumerate(LANGUAGES):

        def read(name: str, start: int, stop: int, place: int = place) -> np.ndarray:
            angles = np.add.outer(np.arange(start, stop), 3 * np.arange(columns[name])) * (place + 1)
            return (np.sin(angles) + 1.5).astype(np.float32)

        yield WeightStatistics(who, 9, read)


@pytest.mark.parametrize("scope", ["row", "matrix", "global"])
def test_scores_that_do_not_separate_hold_as_many_weights_as_fit(monkeypatch: pytest.MonkeyPatch, scope: str):
    recipe = Recipe(WrittenOut(), Median(MedianOptions(scope=scope)), Hamming())
    plenty, little = Weights(), Weights()
    held = compare(written_out(), LAYOUT, plenty, recipe)
    monkeypatch.setattr(comparing, "HELD_BYTES", 4 * 60 * 50)
    streamed = compare(written_out(), LAYOUT, little, recipe)
    np.testing.assert_array_equal(streamed.partials, held.partials)
    assert plenty.reads == len(LAYOUT.matrices)
    assert little.most <= 2
    assert held.distances[0, 1] > 0


def test_scores_without_weights_read_none(monkeypatch: pytest.MonkeyPatch):
    weights, quantizer = Weights(), Median(MedianOptions(scope="global"))
    held = compare(cells(), LAYOUT, weights, Recipe(OnlyFactor(), quantizer, Hamming()))
    monkeypatch.setattr(comparing, "HELD_BYTES", 0)
    streamed = compare(cells(), LAYOUT, weights, Recipe(OnlyFactor(), quantizer, Hamming()))
    np.testing.assert_array_equal(streamed.partials, held.partials)
    assert weights.reads == 0


def test_matrices_with_one_input_share_its_factors():
    scored = Scoring(cells(), Weights(), Factor()).of(LAYOUT.matrices[:2])
    assert scored[0].feature_scores is scored[1].feature_scores
    assert not any(isinstance(scores, DeferredScores) for scores in scored)


@pytest.mark.parametrize(
    ("wanted", "cards", "expected"),
    [("auto", 0, None), ("auto", 2, "cuda:0"), ("cpu", 2, None), ("cuda", 1, "cuda:0"), ("cuda:1", 1, None)],
)
def test_scores_are_counted_on_a_card_that_is_there(
    monkeypatch: pytest.MonkeyPatch, wanted: str, cards: int, expected: str | None
):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
    assert counting_device(wanted) == expected
