from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import groupby

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist, squareform
from tiny_models import NetworkWeights, TinyModel, network, one_thread, random_windows

from langgeo_core.api import (
    CellStatistics,
    Dense,
    Densities,
    KeptCounts,
    Layout,
    LevelCounts,
    Levels,
    PackedBits,
    ScaledColumns,
    Signature,
    UserError,
    WeightMatrix,
)
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.inputs import find_layout, watched
from langgeo_core.comparison.pairwise import Comparison, Recipe, choose_form, compare, scopes
from langgeo_core.config.schema import PartsSettings
from langgeo_distances.hamming import Hamming
from langgeo_quantizers.bits import Median
from langgeo_quantizers.options import MedianOptions
from langgeo_scorers.features import SparseGPT
from langgeo_scorers.options import SparseGPTOptions

TEXTS = {name: random_windows(seed, 20, 20, 7) for seed, name in enumerate(["deu", "eng", "nan", "fin", "yor"])}


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


class Subject:
    """A random network, and the statistics of five made-up languages."""

    def __init__(self, family: str) -> None:
        self.model = TinyModel(network(family))
        self.layout: Layout = find_layout(self.model.network, [3] * 4)
        self.weights = NetworkWeights(self.model.network)
        self.inputs = cache(self._inputs)
        with Collector(self.model, self.layout, 2, True, 0.01) as collector:
            self.cells = [collector.collect(name, windows).statistics for name, windows in TEXTS.items()]

    def compare(
        self,
        scope: str = "matrix",
        diagonal: str = "inverse",
        form: type[Signature] | None = None,
        cells: list[CellStatistics] | None = None,
    ) -> Comparison:
        quantizer = Median(MedianOptions(scope=scope))
        recipe = Recipe(SparseGPT(SparseGPTOptions(diagonal=diagonal)), quantizer, Hamming())
        return compare(cells or self.cells, self.layout, self.weights, recipe, form)

    def _inputs(self, language: str) -> dict[str, np.ndarray]:
        """Every linear layer's own inputs, a window at a time, without the row of the leading token."""
        rows: dict[str, list[np.ndarray]] = {}
        names = {matrix.name: matrix.name for matrix in self.layout.matrices}

        def keep(name: str, tensor: torch.Tensor) -> None:
            rows.setdefault(name, []).append(tensor[0, 1:].numpy().copy())

        with torch.no_grad(), watched(self.model.network, names, keep):
            for window in TEXTS[language].ids:
                self.model.network(input_ids=torch.tensor([[1, *window]]))
        return {name: np.concatenate(parts) for name, parts in rows.items()}


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject(request.param)


@pytest.fixture(scope="module")
def llama() -> Subject:
    return Subject("llama")


def dense_scores(inputs: np.ndarray, weights: np.ndarray, diagonal: str) -> np.ndarray:
    """S = w² / [H⁻¹]_jj or w² / U_jj² from the dense inverse; the product in float32."""
    gram = inputs.T @ inputs / len(inputs)
    inverse = np.linalg.inv(gram + 0.01 * np.diagonal(gram).mean() * np.eye(len(gram)))
    upper = np.linalg.cholesky((inverse + inverse.T) / 2).T
    divisor = np.diagonal(inverse) if diagonal == "inverse" else np.diagonal(upper) ** 2
    return np.square(weights) * (1 / divisor).astype(np.float32)


def thresholded(scores: dict[WeightMatrix, np.ndarray], scope: str) -> list[np.ndarray]:
    """One array of bits a matrix: above the median of its scope."""
    scope_of = {"matrix": lambda m: m.name, "layer": lambda m: m.layer, "global": lambda m: 0}[scope]
    bits: list[np.ndarray] = []
    for _, group in groupby(scores, key=scope_of):
        parts = [scores[matrix].ravel() for matrix in group]
        median = np.float32(np.median(np.concatenate(parts).astype(np.float64)))
        bits.extend(part > median for part in parts)
    return bits


def brute_force(subject: Subject, scope: str, diagonal: str) -> list[np.ndarray]:
    """(languages, weights) unpacked bits of every matrix."""
    languages = []
    for name in TEXTS:
        inputs = subject.inputs(name)
        scores = {
            matrix: dense_scores(inputs[matrix.name], subject.weights.read(matrix.name), diagonal)
            for matrix in subject.layout.matrices
        }
        languages.append(thresholded(scores, scope))
    return [np.stack(bits) for bits in zip(*languages, strict=True)]


@pytest.mark.parametrize("scope", ["matrix", "layer", "global"])
@pytest.mark.parametrize("diagonal", ["inverse", "cholesky"])
def test_distances_are_those_of_dense_matrices_and_unpacked_bits(subject: Subject, scope: str, diagonal: str):
    found = subject.compare(scope, diagonal)
    bits = brute_force(subject, scope, diagonal)
    everything = np.concatenate(bits, axis=1)
    assert found.ids == tuple(TEXTS)
    assert everything.shape[1] == sum(matrix.size for matrix in subject.layout.matrices)
    np.testing.assert_allclose(found.distances, squareform(pdist(everything, "hamming")), rtol=1e-13)
    assert (found.distances[~np.eye(5, dtype=bool)] > 0.01).all()
    for matrix, partial, kept, part in zip(found.matrices, found.partials, found.kept, bits, strict=True):
        expected = squareform(pdist(part, "hamming")) * matrix.size
        np.testing.assert_allclose(partial[0], expected, atol=1e-9)
        np.testing.assert_allclose(kept, part.mean(axis=1), rtol=1e-13)


@pytest.mark.parametrize("scope", ["matrix", "layer", "global"])
def test_counts_and_bits_give_the_same_integers(subject: Subject, scope: str):
    counts, bits = subject.compare(scope, form=KeptCounts), subject.compare(scope, form=PackedBits)
    np.testing.assert_array_equal(counts.partials, bits.partials)
    np.testing.assert_array_equal(counts.distances, bits.distances)
    np.testing.assert_array_equal(counts.kept, bits.kept)
    np.testing.assert_array_equal(subject.compare(scope).partials, counts.partials)


def test_partials_add_up_to_the_distances(llama: Subject):
    found = llama.compare()
    size = sum(matrix.size for matrix in llama.layout.matrices)
    assert found.matrices == llama.layout.matrices
    assert found.partials.shape == (14, 1, 5, 5)
    np.testing.assert_array_equal(found.partials, np.round(found.partials))
    np.testing.assert_allclose(found.partials.sum(axis=0)[0] / size, found.distances, rtol=1e-14)


@pytest.mark.parametrize("parts", [PartsSettings(), PartsSettings(layers=("1",))])
def test_sums_that_are_not_kept_give_the_same_distances(llama: Subject, parts: PartsSettings):
    recipe = Recipe(SparseGPT(SparseGPTOptions()), Median(MedianOptions()), Hamming(), parts)
    kept = compare(llama.cells, llama.layout, llama.weights, recipe)
    summed = compare(llama.cells, llama.layout, llama.weights, recipe, keep=False)
    np.testing.assert_array_equal(summed.distances, kept.distances)
    assert summed.partials.shape == (0, 1, 5, 5)


def test_a_part_of_the_layout_is_a_sum_of_its_partials(llama: Subject):
    chosen = [place for place, matrix in enumerate(llama.layout.matrices) if matrix.module.startswith("mlp")]
    part = Layout(tuple(llama.layout.matrices[place] for place in chosen))
    recipe = Recipe(SparseGPT(SparseGPTOptions()), Median(MedianOptions()), Hamming())
    alone = compare(llama.cells, part, llama.weights, recipe)
    whole = llama.compare()
    np.testing.assert_array_equal(alone.partials, whole.partials[chosen])
    size = sum(matrix.size for matrix in part.matrices)
    np.testing.assert_allclose(alone.distances, whole.partials[chosen].sum(axis=(0, 1)) / size, rtol=1e-14)


def test_the_order_of_languages_changes_nothing_else(llama: Subject):
    order = [3, 0, 4, 1, 2]
    straight, shuffled = llama.compare(), llama.compare(cells=[llama.cells[place] for place in order])
    assert shuffled.ids == tuple(straight.ids[place] for place in order)
    np.testing.assert_array_equal(shuffled.distances, straight.distances[np.ix_(order, order)])
    np.testing.assert_array_equal(shuffled.kept, straight.kept[:, order])


def test_equal_statistics_are_at_no_distance(llama: Subject):
    twins = [llama.cells[0], replace(llama.cells[0], language="twin"), llama.cells[1]]
    distances = llama.compare(cells=twins).distances
    assert distances[0, 1] == 0
    np.testing.assert_array_equal(distances[0], distances[1][[1, 0, 2]])


def test_every_matrix_is_read_once_and_counted(llama: Subject):
    read: list[str] = []

    class Counting:
        def read(self, name: str) -> np.ndarray:
            read.append(name)
            return llama.weights.read(name)

    recipe = Recipe(SparseGPT(SparseGPTOptions()), Median(MedianOptions(scope="layer")), Hamming())
    steps: list[None] = []
    compare(llama.cells, llama.layout, Counting(), recipe, advance=lambda: steps.append(None))
    assert read == [matrix.name for matrix in llama.layout.matrices]
    assert len(steps) == 14


def test_weights_of_another_shape_are_refused(llama: Subject):
    class Transposed:
        def read(self, name: str) -> np.ndarray:
            return llama.weights.read(name).T

    recipe = Recipe(SparseGPT(SparseGPTOptions()), Median(MedianOptions()), Hamming())
    with pytest.raises(UserError, match=r"k_proj has shape \(16, 8\) in the checkpoint, \(8, 16\) in the network"):
        compare(llama.cells, llama.layout, Transposed(), recipe)


class Makes:
    """A component of which only the forms are asked, and the scope."""

    def __init__(self, *forms: type[Signature], scope: str = "matrix") -> None:
        self._forms, self.scope = forms, scope

    def forms(self) -> tuple[type[Signature], ...]:
        return self._forms


def test_the_quantizers_most_compact_form_that_the_distance_reads():
    assert choose_form(Makes(KeptCounts, PackedBits), Makes(PackedBits, KeptCounts)) is KeptCounts
    assert choose_form(Makes(KeptCounts, PackedBits), Makes(Dense, PackedBits)) is PackedBits


def test_a_quantizer_and_a_distance_that_do_not_fit():
    with pytest.raises(UserError, match="the quantizer makes bits, the distance reads numbers"):
        choose_form(Makes(KeptCounts, PackedBits), Makes(Dense))
    with pytest.raises(UserError, match="makes scores or numbers, the distance reads bits or levels"):
        choose_form(Makes(ScaledColumns, Dense), Makes(KeptCounts, PackedBits, Levels))
    with pytest.raises(UserError, match="makes scores, numbers or distributions, the distance reads bits"):
        choose_form(Makes(ScaledColumns, Dense, Densities), Makes(KeptCounts))


def test_forms_a_column_at_a_time_are_of_separable_scores_alone():
    made, read = Makes(ScaledColumns, LevelCounts, Dense), Makes(ScaledColumns, LevelCounts, Dense)
    assert choose_form(made, read) is ScaledColumns
    assert choose_form(made, read, separable=False) is Dense
    assert choose_form(Makes(LevelCounts, Levels, scope="row"), Makes(LevelCounts, Levels)) is Levels


def test_why_there_is_no_form_of_scores_that_are_not_separable():
    with pytest.raises(UserError, match="the quantizer makes nothing of a scorer that is not separable, the distance"):
        choose_form(Makes(KeptCounts), Makes(KeptCounts), separable=False)
    with pytest.raises(UserError, match="makes levels under the scope row, the distance reads bits"):
        choose_form(Makes(KeptCounts, Levels, scope="row"), Makes(KeptCounts))


def test_scopes_group_matrices():
    layout = Layout(tuple(WeightMatrix(f"m{place}", place // 2, "m", 1, 1, "i") for place in range(5)))
    first, second, third, fourth, fifth = layout.matrices
    assert list(scopes(layout, "matrix")) == [(first,), (second,), (third,), (fourth,), (fifth,)]
    assert list(scopes(layout, "layer")) == [(first, second), (third, fourth), (fifth,)]
    assert list(scopes(layout, "global")) == [layout.matrices]
    assert list(scopes(layout, "row")) == list(scopes(layout, "matrix"))


def test_signatures_that_are_not_bits_have_no_kept_share(llama: Subject):
    class Plain:
        scope = "matrix"
        terms = ("l1",)

        def forms(self) -> tuple[type[Signature], ...]:
            return (Dense,)

        def fit(self, group: object) -> None: ...

        def encode(self, scores: object, fitted: None, form: type[Signature]) -> Dense:
            return Dense(scores.matrix, np.stack([scores.dense(place).ravel() for place in range(scores.languages)]))

        def partial(self, signature: Dense) -> np.ndarray:
            return squareform(pdist(signature.values.astype(np.float64), "cityblock"))[None]

        def finish(self, total: np.ndarray, size: int) -> np.ndarray:
            return total[0] / size

    found = compare(llama.cells, llama.layout, llama.weights, Recipe(SparseGPT(SparseGPTOptions()), Plain(), Plain()))
    assert np.isnan(found.kept).all()
    np.testing.assert_array_equal(found.distances, found.distances.T)
    assert (found.distances[~np.eye(5, dtype=bool)] > 0).all()
