"""The general road: signatures with an entry for each weight, some rows at a time, of scores of any form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from tiny_models import one_thread

from langgeo_core.api import (
    CellStatistics,
    Dense,
    InputStatistics,
    KeptCounts,
    Layout,
    NumericalError,
    PackedBits,
    Scores,
    SeparableScores,
    Signature,
    UserError,
    WeightMatrix,
    installed,
)
from langgeo_core.comparison import pairwise as comparing
from langgeo_core.comparison.pairwise import Comparison, Recipe, blocks, compare
from langgeo_core.contract.records import Component
from langgeo_core.contract.signatures import COMPACT
from langgeo_core.contract.types import WeightStatistics
from langgeo_distances.angles import Correlation, Cosine
from langgeo_distances.hamming import Hamming
from langgeo_distances.jaccard import Jaccard
from langgeo_distances.norms import L1, L2
from langgeo_quantizers.bits import Median, Quantile
from langgeo_quantizers.continuous import Identity, Logarithm
from langgeo_quantizers.options import MedianOptions, QuantileOptions

LANGUAGES = ("deu", "eng", "nan", "fin", "yor")
LAYOUT = Layout(
    (
        WeightMatrix("layers.0.q", 0, "q", 11, 6, "layers.0.q"),
        WeightMatrix("layers.0.k", 0, "k", 4, 6, "layers.0.q"),
        WeightMatrix("layers.1.q", 1, "q", 9, 8, "layers.1.q"),
    )
)
SOME_ROWS = 8 * len(LANGUAGES) * 8 * 3
"""A budget of three rows of eight columns: several blocks of every matrix, and the last ones shorter."""


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


class Weights:
    """Random weights with ties and zeros, and how often each matrix was read."""

    def __init__(self) -> None:
        source = np.random.default_rng(0)
        self.values = {
            matrix.name: (np.round(source.normal(size=(matrix.rows, matrix.columns)) * 4) / 8).astype(np.float32)
            for matrix in LAYOUT.matrices
        }
        self.reads: list[str] = []

    def read(self, name: str) -> np.ndarray:
        self.reads.append(name)
        return self.values[name]


def factors() -> dict[str, dict[str, np.ndarray]]:
    """g of each language and input."""
    source = np.random.default_rng(1)
    return {who: {name: source.gamma(1.0, size=n) for name, n in LAYOUT.inputs.items()} for who in LANGUAGES}


def separable_cells() -> list[CellStatistics]:
    return [
        CellStatistics(who, 99, {name: InputStatistics(g, 1 / g, 1 / g, 0.1, 99) for name, g in inputs.items()})
        for who, inputs in factors().items()
    ]


class Factor:
    def feature_scores(self, statistics: InputStatistics) -> np.ndarray:
        return statistics.gram_diagonal


class WrittenOut:
    """w_ij² · g_j as a scorer that is not separable: the statistic of a weight is its column's g."""

    statistic = "g/1"

    def accumulate(self, inputs: object, gradients: object) -> object:
        raise AssertionError("comparing runs no model")

    def scores(self, statistic: np.ndarray, weights: np.ndarray, tokens: int) -> np.ndarray:
        assert tokens == 99
        return np.square(weights) * statistic


@dataclass
class Disk:
    """Cells of a number for each weight, and the rows that were asked for."""

    asked: list[tuple[str, int]]

    def cells(self) -> list[WeightStatistics]:
        return [WeightStatistics(who, 99, self._reader(inputs)) for who, inputs in factors().items()]

    def _reader(self, inputs: dict[str, np.ndarray]) -> Callable[[str, int, int], np.ndarray]:
        input_of = {matrix.name: matrix.input for matrix in LAYOUT.matrices}

        def read(name: str, start: int, stop: int) -> np.ndarray:
            self.asked.append((name, stop - start))
            return np.tile(inputs[input_of[name]].astype(np.float32), (stop - start, 1))

        return read


class PlainMedian:
    """One bit a weight from the median of everything written out, under any scope and of any scores."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    def forms(self) -> tuple[type[Signature], ...]:
        return (PackedBits,)

    def fit(self, group: Sequence[Scores]) -> Any:
        if self.scope == "row":
            (block,) = group
            return [np.median(block.dense(who).astype(np.float64), axis=1, keepdims=True) for who in range(5)]
        everything = [np.concatenate([scores.dense(who).ravel() for scores in group]) for who in range(5)]
        return [np.float32(np.median(values.astype(np.float64))) for values in everything]

    def encode(self, scores: Scores, fitted: Any, form: type[Signature]) -> PackedBits:
        kept = [scores.dense(who) > fitted[who] for who in range(scores.languages)]
        return PackedBits(scores.matrix, np.stack([np.packbits(bits) for bits in kept]))


def compared(quantizer: Any, distance: Any, form: type[Signature] | None = None) -> Comparison:
    return compare(separable_cells(), LAYOUT, Weights(), Recipe(Factor(), quantizer, distance), form)


def compared_written_out(quantizer: Any, distance: Any) -> Comparison:
    return compare(Disk([]).cells(), LAYOUT, Weights(), Recipe(WrittenOut(), quantizer, distance))


@pytest.fixture
def several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "BLOCK_BYTES", SOME_ROWS)


def thresholded() -> list[Any]:
    scoped = [Median(MedianOptions(scope=scope)) for scope in ("matrix", "layer", "global")]
    return [*scoped, Quantile(QuantileOptions(keep=0.2))]


@pytest.mark.parametrize("distance", [Hamming(), Jaccard()])
@pytest.mark.parametrize("place", range(4))
def test_bits_a_few_rows_at_a_time_give_the_integers_of_counts(several_blocks: None, distance: Any, place: int):
    quantizer = thresholded()[place]
    compact, general = compared(quantizer, distance), compared(quantizer, distance, PackedBits)
    np.testing.assert_array_equal(general.partials, compact.partials)
    np.testing.assert_array_equal(general.distances, compact.distances)
    np.testing.assert_allclose(general.kept, compact.kept, rtol=1e-14)
    assert (compact.distances[~np.eye(5, dtype=bool)] > 0).all()


@pytest.mark.parametrize("distance", [L1(), L2(), Cosine(), Correlation()])
@pytest.mark.parametrize("quantizer", [Identity(), Logarithm()])
def test_numbers_a_few_rows_at_a_time_give_the_closed_forms(several_blocks: None, quantizer: Any, distance: Any):
    compact, general = compared(quantizer, distance), compared(quantizer, distance, Dense)
    np.testing.assert_allclose(general.distances, compact.distances, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(general.partials, compact.partials, rtol=1e-6, atol=1e-6)
    assert np.isnan(general.kept).all()


@pytest.mark.parametrize("scope", ["matrix", "layer", "global"])
@pytest.mark.parametrize("distance", [Hamming(), Jaccard()])
def test_a_scorer_of_each_weight_gives_the_integers_of_its_separable_twin(
    several_blocks: None, scope: str, distance: Any
):
    compact = compared(Median(MedianOptions(scope=scope)), distance)
    general = compared_written_out(PlainMedian(scope), distance)
    assert general.ids == compact.ids == LANGUAGES
    np.testing.assert_array_equal(general.partials, compact.partials)
    np.testing.assert_array_equal(general.distances, compact.distances)
    np.testing.assert_allclose(general.kept, compact.kept, rtol=1e-14)


@pytest.mark.parametrize("distance", [L1(), L2(), Cosine(), Correlation()])
def test_a_scorer_of_each_weight_gives_the_numbers_of_its_separable_twin(several_blocks: None, distance: Any):
    compact, general = compared(Identity(), distance), compared_written_out(Identity(), distance)
    np.testing.assert_allclose(general.distances, compact.distances, rtol=1e-6, atol=1e-9)


def by_rows() -> list[np.ndarray]:
    """(languages, weights) bits of each matrix, above the median of their row."""
    found, weights = [], Weights()
    for matrix in LAYOUT.matrices:
        squares = np.square(weights.read(matrix.name))
        scores = [squares * g[matrix.input].astype(np.float32) for g in factors().values()]
        found.append(np.stack([(s > np.median(s.astype(np.float64), axis=1, keepdims=True)).ravel() for s in scores]))
    return found


@pytest.mark.parametrize("budget", [1, SOME_ROWS, 2**28])
def test_each_row_has_its_own_threshold_whatever_the_block(monkeypatch: pytest.MonkeyPatch, budget: int):
    monkeypatch.setattr(comparing, "BLOCK_BYTES", budget)
    bits = by_rows()
    for found in (compared(PlainMedian("row"), Hamming()), compared_written_out(PlainMedian("row"), Hamming())):
        expected = squareform(pdist(np.concatenate(bits, axis=1), "hamming"))
        np.testing.assert_allclose(found.distances, expected, rtol=1e-13)
        for kept, part in zip(found.kept, bits, strict=True):
            np.testing.assert_allclose(kept, part.mean(axis=1), rtol=1e-13)


def test_no_more_rows_are_read_than_fit_the_budget(several_blocks: None):
    disk = Disk([])
    compare(disk.cells(), LAYOUT, Weights(), Recipe(WrittenOut(), Identity(), L1()))
    columns = {matrix.name: matrix.columns for matrix in LAYOUT.matrices}
    assert max(8 * len(LANGUAGES) * columns[name] * rows for name, rows in disk.asked) <= SOME_ROWS
    rows = {matrix.name: matrix.rows * len(LANGUAGES) for matrix in LAYOUT.matrices}
    assert {name: sum(n for who, n in disk.asked if who == name) for name in rows} == rows


def test_a_budget_smaller_than_a_row_still_takes_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(comparing, "BLOCK_BYTES", 1)
    whole = SeparableScores(LAYOUT.matrices[0], Weights().values["layers.0.q"], np.ones((5, 6), dtype=np.float32))
    parts = list(blocks(whole))
    assert [part.matrix.rows for part in parts] == [1] * 11
    np.testing.assert_array_equal(np.concatenate([part.dense(0) for part in parts]), whole.dense(0))


@pytest.mark.parametrize("scope", ["row", "matrix", "layer", "global"])
def test_weights_are_read_once_for_all_languages_and_blocks(several_blocks: None, scope: str):
    weights = Weights()
    compare(Disk([]).cells(), LAYOUT, weights, Recipe(WrittenOut(), PlainMedian(scope), Hamming()))
    assert weights.reads == [matrix.name for matrix in LAYOUT.matrices]


def test_a_form_a_column_at_a_time_is_made_of_the_whole_matrix(several_blocks: None):
    seen: list[tuple[type[Signature], int]] = []

    class Noting(Median):
        def encode(self, scores: Scores, fitted: Any, form: type[Signature]) -> Signature:
            seen.append((form, scores.matrix.rows))
            return super().encode(scores, fitted, form)

    compared(Noting(MedianOptions()), Hamming())
    assert seen == [(KeptCounts, 11), (KeptCounts, 4), (KeptCounts, 9)]
    assert KeptCounts in COMPACT and PackedBits not in COMPACT


class Wrong(WrittenOut):
    def __init__(self, change: Callable[[np.ndarray], np.ndarray]) -> None:
        self.change = change

    def scores(self, statistic: np.ndarray, weights: np.ndarray, tokens: int) -> np.ndarray:
        return self.change(super().scores(statistic, weights, tokens))


@pytest.mark.parametrize("change", [np.negative, lambda scores: scores * np.nan, np.transpose, np.sum])
def test_scores_that_are_none_are_refused(change: Callable[[np.ndarray], np.ndarray]):
    recipe = Recipe(Wrong(change), Identity(), L1())
    with pytest.raises(NumericalError, match=r"Wrong gives no score of every weight of layers\.0\.q for deu"):
        compare(Disk([]).cells(), LAYOUT, Weights(), recipe)


def test_cells_of_another_scorer_are_refused():
    with pytest.raises(UserError, match="the cells are those of another scorer") as caught:
        compare(Disk([]).cells(), LAYOUT, Weights(), Recipe(Factor(), Identity(), L1()))
    assert "calibrate" in caught.value.hint
    with pytest.raises(UserError, match="the cells are those of another scorer"):
        compare(separable_cells(), LAYOUT, Weights(), Recipe(WrittenOut(), Identity(), L1()))


def pairs() -> list[Any]:
    """Every bundled quantizer with every bundled distance that reads one of its signatures, and each such signature."""
    found = []
    for quantizer in installed().all("quantizers"):
        for distance in installed().all("distances"):
            makes, reads = built(quantizer.component), built(distance.component)
            fitting = [form for form in makes.forms() if form in reads.forms()]
            if makes.scope != "row" and len(fitting) > 1:
                names = quantizer.component.name, distance.component.name
                found += [pytest.param(*names, form, id="-".join((*names, form.__name__))) for form in fitting]
    return found


def built(component: Component) -> Any:
    options = component.load("options")
    return component.load("factory")(options()) if options else component.load("factory")()


@pytest.mark.parametrize(("quantizer", "distance", "form"), pairs())
def test_every_signature_that_two_components_meet_in_gives_the_same(
    several_blocks: None, quantizer: str, distance: str, form: type[Signature]
):
    makes = built(installed().get("quantizers", quantizer).component)
    reads = built(installed().get("distances", distance).component)
    chosen, forced = compared(makes, reads), compared(makes, reads, form)
    if np.array_equal(chosen.partials, np.round(chosen.partials)):
        np.testing.assert_array_equal(forced.partials, chosen.partials)
    np.testing.assert_allclose(forced.distances, chosen.distances, rtol=1e-6, atol=1e-9)
    assert forced.distances.max() > 0


def per_weight_pairs() -> list[Any]:
    chosen = dict.fromkeys((param.values[0], param.values[1]) for param in pairs())
    return [pytest.param(*names, id="-".join(names)) for names in chosen]


@pytest.mark.parametrize(("quantizer", "distance"), per_weight_pairs())
def test_every_pair_takes_scores_of_each_weight_as_it_takes_their_separable_twins(
    several_blocks: None, quantizer: str, distance: str
):
    makes = built(installed().get("quantizers", quantizer).component)
    reads = built(installed().get("distances", distance).component)
    separable, other = compared(makes, reads), compared_written_out(makes, reads)
    if np.array_equal(separable.partials, np.round(separable.partials)):
        np.testing.assert_array_equal(other.partials, separable.partials)
    np.testing.assert_allclose(other.distances, separable.distances, rtol=1e-6, atol=1e-9)
