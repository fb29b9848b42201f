"""Mean, mean square, share positive and residual stream: by hand, against plain hooks, additive, in every mode."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import TinyModel, network, one_thread, random_windows, save
from torch import nn

from langgeo_core.api import CellStatistics, InputStatistics, Needs, NumericalError, UserError
from langgeo_core.calibration import gram, tensor_gram
from langgeo_core.calibration.collect import Collected, Collector
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.modes import Sums
from langgeo_core.calibration.sequential import runner
from langgeo_core.calibration.windows import Windows
from langgeo_core.config.schema import CalibrationSettings, PartsSettings
from langgeo_core.planning.texts import deal
from langgeo_hf.folder import FolderModel
from langgeo_hf.options import FolderOptions

FIELDS = ("gram_diagonal", "mean", "positive", "hidden")
EVERYTHING = Needs(frozenset({"inputs", "inverse", "hidden"}))
SUMS_ALONE = Needs(frozenset({"inputs", "hidden"}))
WINDOWS = random_windows(5, 12, 12, 12, 12, 7)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def collect(
    tiny: TinyModel, windows: Windows, needs: Needs = SUMS_ALONE, batch: int = 3, bos: bool = True
) -> CellStatistics:
    return pieces(tiny, windows, [range(len(windows.ids))], needs, batch, bos)[0].statistics


def pieces(
    tiny: TinyModel,
    windows: Windows,
    places: Sequence[Sequence[int]],
    needs: Needs = SUMS_ALONE,
    batch: int = 3,
    bos: bool = True,
) -> list[Collected[CellStatistics]]:
    layout, inverse = needs.layout("tiny", find_layout(tiny.network, [3] * 4)), "inverse" in needs.statistics
    with Collector(tiny, layout, batch, bos, 0.01, inverse) as collector:
        return collector.collect_each("xyz", windows, places)


def assert_same(found: CellStatistics, expected: CellStatistics, rtol: float = 0.0) -> None:
    assert list(found.inputs) == list(expected.inputs)
    for name, statistics in expected.inputs.items():
        for field in FIELDS:
            values = getattr(found.inputs[name], field)
            np.testing.assert_allclose(values, getattr(statistics, field), rtol=rtol, atol=rtol, err_msg=name)
        assert found.inputs[name].damping == pytest.approx(statistics.damping, rel=rtol)


class Block(nn.Module):
    """x + up(x), with an `up` that doubles."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(2, 2, bias=False)
        self.up.weight.data = 2 * torch.eye(2)

    def forward(self, states: torch.Tensor) -> tuple[torch.Tensor, None]:
        return states + self.up(states), None


class ByHand(nn.Module):
    """Token 3 is (1, −2), 4 is (3, 4), 5 is (−1, 0); two blocks, of which each trebles."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(64, 2)
        self.embed.weight.data[3:6] = torch.tensor([[1.0, -2.0], [3.0, 4.0], [-1.0, 0.0]])
        self.layers = nn.ModuleList([Block(), Block()])

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.embed(input_ids)
        for block in self.layers:
            states, _ = block(states)
        return states


def test_every_statistic_by_hand():
    """Three tokens: means of 1, 3, −1 and of −2, 4, 0; two of three above 0, and one of three."""
    found = collect(TinyModel(ByHand().double()), Windows(((3, 4), (5,))), batch=2).inputs
    assert list(found) == ["layers.0.up", "layers.1.up", "layers.0:input", "layers.1:input", "layers.1:output"]
    first, second = found["layers.0.up"], found["layers.1.up"]
    assert (first.mean.tolist(), second.mean.tolist()) == ([1, pytest.approx(2 / 3)], [3, pytest.approx(2)])
    np.testing.assert_allclose(first.gram_diagonal, [11 / 3, 20 / 3], rtol=1e-15)
    np.testing.assert_allclose(second.gram_diagonal, [33, 60], rtol=1e-15)
    np.testing.assert_allclose(first.positive, [2 / 3, 1 / 3], rtol=1e-15)
    assert first.damping == pytest.approx(0.01 * 31 / 6)
    assert (len(first.inverse_diagonal), len(first.hidden)) == (0, 0)
    hidden = [found[name].hidden for name in list(found)[2:]]
    np.testing.assert_allclose(hidden, [[1, 2 / 3], [3, 2], [9, 6]], rtol=1e-15)
    assert len(found["layers.0:input"].mean) == 0


def test_the_layout_numbers_the_residual_stream_as_transformers_does():
    layout = find_layout(ByHand().double(), [3, 4, 5, 3])
    assert [(one.name, one.layer, one.module, one.rows, one.columns) for one in layout.hidden] == [
        ("layers.0:input", 0, "hidden", 1, 2),
        ("layers.1:input", 1, "hidden", 1, 2),
        ("layers.1:output", 2, "hidden", 1, 2),
    ]
    assert [matrix.module for matrix in layout.matrices] == ["up", "up"]


@pytest.mark.parametrize("family", ["llama", "gemma3_text", "gpt2", "bert"])
def test_hidden_states_are_those_that_transformers_gives(family: str):
    tiny = TinyModel(network(family))
    found = collect(tiny, WINDOWS, Needs(frozenset({"hidden"}))).inputs
    states: list[list[torch.Tensor]] = [[], [], []]
    with torch.no_grad():
        for window in WINDOWS.ids:
            given = tiny.network(input_ids=torch.tensor([[1, *window]]), output_hidden_states=True).hidden_states
            for kept, one in zip(states, given, strict=True):
                kept.append(one[0, 1:])
    assert len(found) == 3
    own = list(found.values())
    layers = range(3) if family == "bert" else range(2)  # of decoders transformers gives the last after the final norm
    for layer in layers:
        expected = torch.cat(states[layer]).mean(0).numpy()
        np.testing.assert_allclose(own[layer].hidden, expected, rtol=1e-9, atol=1e-12)


def test_statistics_are_those_of_inputs_caught_by_plain_hooks():
    tiny = TinyModel(network("llama"))
    rows: dict[str, list[torch.Tensor]] = {}
    found = collect(tiny, WINDOWS).inputs
    names = [name for name in found if ":" not in name]
    hooks = [
        tiny.network.get_submodule(name).register_forward_pre_hook(
            lambda module, given, name=name: rows.setdefault(name, []).append(given[0][0, 1:].detach())
        )
        for name in names
    ]
    with torch.no_grad():
        for window in WINDOWS.ids:
            tiny.network(input_ids=torch.tensor([[1, *window]]))
    for hook in hooks:
        hook.remove()
    for name in names:
        inputs = torch.cat(rows[name]).numpy()
        np.testing.assert_allclose(found[name].mean, inputs.mean(0), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found[name].gram_diagonal, np.square(inputs).mean(0), rtol=1e-9)
        np.testing.assert_allclose(found[name].positive, (inputs > 0).mean(0), rtol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_batches_and_padding_change_nothing(dtype: torch.dtype):
    tiny = TinyModel(network("gemma3_text", dtype))
    rtol = 1e-9 if dtype == torch.float64 else 2e-5
    assert_same(collect(tiny, WINDOWS, batch=8), collect(tiny, WINDOWS, batch=1), rtol)
    assert_same(collect(replace(tiny, pad=7), WINDOWS, batch=8), collect(tiny, WINDOWS, batch=8), rtol)


def test_replicates_of_equal_size_average_to_the_whole():
    tiny, windows = TinyModel(network("llama")), Windows(WINDOWS.ids[:4])
    whole, *dealt = (one.statistics for one in pieces(tiny, windows, [range(4), *deal(range(4), 2)]))
    for name, statistics in whole.inputs.items():
        for field in FIELDS:
            mean = np.mean([getattr(piece.inputs[name], field) for piece in dealt], axis=0)
            np.testing.assert_allclose(mean, getattr(statistics, field), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_sums_are_the_same_to_the_last_bit_whatever_else_is_gathered(dtype: torch.dtype):
    tiny = TinyModel(network("llama", dtype))
    rich, poor = collect(tiny, WINDOWS, EVERYTHING), collect(tiny, WINDOWS, SUMS_ALONE)
    assert_same(rich, poor)
    inverse = collect(tiny, WINDOWS, Needs(frozenset({"inputs", "inverse"})))
    for name, statistics in inverse.inputs.items():
        assert len(statistics.inverse_diagonal) == len(statistics.cholesky_diagonal) == len(statistics.mean)
        np.testing.assert_array_equal(rich.inputs[name].inverse_diagonal, statistics.inverse_diagonal)


def test_sums_of_a_device_are_those_of_numpy():
    rows = torch.randn(40, 7, generator=torch.Generator().manual_seed(0))
    expected = np.stack([rows.double().sum(0), rows.double().square().sum(0), (rows > 0).sum(0)])
    np.testing.assert_allclose(gram.feature_sums(rows.numpy()), expected, rtol=1e-14)
    np.testing.assert_allclose(tensor_gram.feature_sums(rows), expected, rtol=1e-14)
    few = rows.bfloat16()
    np.testing.assert_allclose(tensor_gram.feature_sums(few), gram.feature_sums(few.float().numpy()), rtol=1e-14)


def test_no_layer_above_the_last_part_is_run():
    tiny, run = TinyModel(network("llama")), []
    whole = collect(tiny, WINDOWS, batch=8)
    parts = PartsSettings(layers=("0",), modules=("q_proj", "down_proj"))
    layout = Needs(parts=parts).layout("tiny", find_layout(tiny.network, [3] * 4))
    for place, block in enumerate(tiny.network.layers):
        block.mlp.register_forward_pre_hook(lambda module, given, place=place: run.append(place))
    with Collector(tiny, layout, 8, True, 0.01, inverse=False) as collector:
        found = collector.collect("xyz", WINDOWS).statistics
    assert run == [0]
    assert list(found.inputs) == ["layers.0.self_attn.q_proj", "layers.0.mlp.down_proj"]
    for name, statistics in found.inputs.items():
        np.testing.assert_array_equal(statistics.mean, whole.inputs[name].mean)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("sums")
    return {family: save(root / family, family, shard="9KB") for family in ("gemma3_text", "xlm-roberta")}


@pytest.mark.parametrize("family", ["gemma3_text", "xlm-roberta"])
def test_one_block_at_a_time_gives_the_same(family: str, folders: dict[str, Path]):
    """With a closing token where the network is an encoder."""
    model = FolderModel(FolderOptions(path=str(folders[family])))
    loaded, streamed = model.load("float64"), model.load_streamed("float64")
    expected = collect(loaded, WINDOWS, batch=1)
    layout = SUMS_ALONE.layout("tiny", find_layout(streamed.network, [3] * 4, runner(streamed)))
    with Collector(streamed, layout, 8, True, 0.01, inverse=False) as collector:
        places = range(len(WINDOWS.ids))
        (found,) = collector.collect_together([("xyz", WINDOWS, [places])], runner(streamed))
    assert_same(found.statistics, expected, 1e-9)


def test_rows_of_special_tokens_do_not_count(folders: dict[str, Path]):
    loaded = FolderModel(FolderOptions(path=str(folders["xlm-roberta"]))).load("float64")
    window = WINDOWS.ids[0]
    ids = torch.tensor([[loaded.bos, *window, loaded.sep]])
    with torch.no_grad():
        states = loaded.network(input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True)
    found = list(collect(loaded, Windows((window,)), Needs(frozenset({"hidden"}))).inputs.values())
    for one, expected in zip(found, states.hidden_states, strict=True):
        np.testing.assert_allclose(one.hidden, expected[0, 1:-1].mean(0).numpy(), rtol=1e-9, atol=1e-12)


class Shared(nn.Module):
    """One block that is used twice, as in ALBERT."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.layers = nn.Embedding(64, 2), nn.ModuleList([Block()])

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.embed(input_ids)
        for _ in range(2):
            states, _ = self.layers[0](states)
        return states


def test_a_block_that_is_used_twice_has_no_residual_stream_and_shares_of_both_calls():
    tiny = TinyModel(Shared().double())
    assert find_layout(tiny.network, [3] * 4).hidden == ()
    with pytest.raises(UserError, match="no residual stream was found in tiny: its blocks do not hand on"):
        collect(tiny, WINDOWS)
    found = collect(tiny, WINDOWS, Needs()).inputs["layers.0.up"]
    with torch.no_grad():
        first = tiny.network.embed(torch.tensor([token for window in WINDOWS.ids for token in window]))
    both = torch.cat([first, 3 * first]).numpy()
    np.testing.assert_allclose(found.mean, both.mean(0), rtol=1e-12)
    np.testing.assert_allclose(found.positive, (both > 0).mean(0), rtol=1e-12)


def test_an_input_that_is_not_finite_is_named_without_gram_matrices():
    tiny = TinyModel(network("llama"))
    with torch.no_grad():
        tiny.network.get_submodule("layers.0.mlp.up_proj").weight.fill_(float("inf"))
    with pytest.raises(NumericalError, match=r"^layers\.0\.mlp\.down_proj: a layer's inputs are not finite"):
        collect(tiny, WINDOWS, Needs())


def test_no_gram_matrix_takes_memory_where_none_is_needed():
    widths, both = [10] * 9, (True, False)
    assert [Sums(replicates=2, one_batch=one, inverse=False).size(widths) for one in both] == [0, 0]
    assert [Sums(replicates=2, one_batch=one).size(widths) for one in both] == [900, 2700]
    assert [Sums(replicates=20, one_batch=one).size(widths) for one in both] == [2100, 18900]
    assert [Sums(replicates=20, one_batch=one, rows=4).size(widths) for one in both] == [900, 9 * (100 + 20 * 40)]
    assert Sums(replicates=20, one_batch=False, rows=5).size(widths) == 18900


def test_how_many_rows_a_replicate_has_is_known_of_tokens_on_the_processor():
    tokens = CalibrationSettings(tokens=2048, window=128)
    assert Sums.of(tokens, 8, True, True) == Sums(8, one_batch=False, rows=256)
    assert Sums.of(tokens, 8, True, False).rows == Sums.of(tokens, 0, True, True).rows == math.inf
    assert Sums.of(tokens.model_copy(update={"unit": "lines"}), 8, True, True).rows == math.inf


def test_what_is_not_gathered_is_empty():
    assert [len(getattr(InputStatistics(), field)) for field in FIELDS] == [0, 0, 0, 0]
