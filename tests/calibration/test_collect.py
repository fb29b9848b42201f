from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_models import NetworkWeights, TinyModel, network, one_thread, random_windows
from torch import nn

from langgeo_core.api import CellStatistics, InputStatistics, Layout, NumericalError, UserError, WeightMatrix
from langgeo_core.calibration import collect as summing
from langgeo_core.calibration.cells import side_by_side
from langgeo_core.calibration.collect import CellSums, Collected, Collector, LapackArithmetic
from langgeo_core.calibration.gram import statistics_of_rows
from langgeo_core.calibration.inputs import find_layout, one_after_another, watched
from langgeo_core.calibration.windows import Windows
from langgeo_core.comparison.pairwise import Recipe, compare
from langgeo_core.planning.texts import deal, not_repeated
from langgeo_distances.hamming import Hamming
from langgeo_quantizers.bits import Median
from langgeo_quantizers.options import MedianOptions
from langgeo_scorers.features import SparseGPT
from langgeo_scorers.options import SparseGPTOptions

TEXTS = {
    "one": random_windows(1, 16, 16, 16, 9, 16, 5),
    "two": random_windows(2, 16, 16, 3, 16),
    "three": random_windows(3, 16, 16, 16, 16, 16, 16, 16, 1),
}
DIAGONALS = ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal")


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def model(family: str = "llama", dtype: torch.dtype = torch.float64) -> TinyModel:
    return TinyModel(network(family, dtype))


def layout(tiny: TinyModel) -> Layout:
    return find_layout(tiny.network, [3] * 4)


def collect(tiny: TinyModel, windows: Windows, *, batch: int = 3, bos: bool = True) -> Collected:
    with Collector(tiny, layout(tiny), batch, bos, 0.01) as collector:
        return collector.collect("xyz", windows)


def captured(tiny: TinyModel, windows: Windows, start: list[int]) -> dict[str, np.ndarray]:
    """Every linear layer's inputs, a window at a time: nothing is padded, and rows of `start` are cut off."""
    rows: dict[str, list[np.ndarray]] = {}

    def keep(name: str, tensor: torch.Tensor) -> None:
        rows.setdefault(name, []).append(tensor[0, len(start) :].double().numpy().copy())

    names = {matrix.name: matrix.name for matrix in layout(tiny).matrices}
    with torch.no_grad(), watched(tiny.network, names, keep):
        for window in windows.ids:
            tiny.network(input_ids=torch.tensor([[*start, *window]]))
    return {name: np.concatenate(parts) for name, parts in rows.items()}


def assert_close(found: CellStatistics, expected: CellStatistics, rtol: float) -> None:
    assert list(found.inputs) == list(expected.inputs)
    assert found.tokens == expected.tokens
    for name, statistics in expected.inputs.items():
        for diagonal in DIAGONALS:
            actual = getattr(found.inputs[name], diagonal)
            np.testing.assert_allclose(actual, getattr(statistics, diagonal), rtol=rtol, err_msg=f"{name} {diagonal}")
        assert found.inputs[name].damping == pytest.approx(statistics.damping, rel=rtol)


@pytest.mark.parametrize("family", ["llama", "mistral", "gemma3_text", "qwen2", "gpt2"])
def test_statistics_are_those_of_inputs_caught_by_plain_hooks(family: str):
    tiny = model(family)
    windows = TEXTS["one"]
    found = collect(tiny, windows).statistics
    inputs = captured(tiny, windows, [1])
    assert found.language == "xyz"
    assert found.tokens == windows.tokens == 78
    for matrix in layout(tiny).matrices:
        X, statistics = inputs[matrix.name], found.inputs[matrix.input]
        assert X.shape == (78, matrix.columns)
        G = X.T @ X / len(X)
        share = 0.01 * np.diagonal(G).mean()
        inverse = np.linalg.inv(G + share * np.eye(len(G)))
        upper = np.linalg.cholesky((inverse + inverse.T) / 2).T
        assert statistics.damping == pytest.approx(share, rel=1e-9)
        assert statistics.tokens == 78
        np.testing.assert_allclose(statistics.gram_diagonal, np.diagonal(G), rtol=1e-9)
        np.testing.assert_allclose(statistics.inverse_diagonal, np.diagonal(inverse), rtol=1e-9)
        np.testing.assert_allclose(statistics.cholesky_diagonal, np.diagonal(upper) ** 2, rtol=1e-9)


@pytest.mark.parametrize(("bos", "token"), [(False, 1), (True, None)])
def test_without_a_leading_token_every_row_counts(bos: bool, token: int | None):
    tiny = replace(model(), bos=token)
    found = collect(tiny, TEXTS["two"], bos=bos).statistics
    for name, rows in captured(tiny, TEXTS["two"], []).items():
        if name in found.inputs:
            np.testing.assert_allclose(found.inputs[name].gram_diagonal, np.square(rows).mean(axis=0), rtol=1e-9)


def test_the_leading_token_changes_the_other_rows():
    with_it, without = (collect(model(), TEXTS["two"], bos=bos).statistics for bos in (True, False))
    name = "layers.1.mlp.down_proj"
    assert not np.allclose(with_it.inputs[name].gram_diagonal, without.inputs[name].gram_diagonal, rtol=1e-3)


@pytest.mark.parametrize("family", ["llama", "gpt2"])
@pytest.mark.parametrize("batch", [1, 3, 8])
def test_batches_change_nothing(family: str, batch: int):
    tiny = model(family)
    for windows in TEXTS.values():
        found, expected = collect(tiny, windows, batch=batch), collect(tiny, windows, batch=2)
        assert_close(found.statistics, expected.statistics, rtol=1e-9)


def pieces_of(windows: Windows, pieces: list[tuple[int, ...]]) -> list[Windows]:
    return [Windows(tuple(windows.ids[place] for place in piece)) for piece in pieces]


@pytest.mark.parametrize("replicates", [2, 4])
@pytest.mark.parametrize("batch", [2, 8])
def test_replicates_summed_in_the_passes_of_the_whole_are_those_of_their_own_passes(batch: int, replicates: int):
    """The whole is the same to the last bit, as if there were no replicates; so are the passes that it takes."""
    tiny, windows = model(), TEXTS["one"]
    whole = range(len(windows.ids))
    assert len(whole) >= replicates
    dealt = deal(whole, replicates)
    passes: list[int] = []
    with Collector(tiny, layout(tiny), batch, True, 0.01) as collector:
        counting = tiny.network.register_forward_pre_hook(lambda module, call: passes.append(1))
        first, *pieces = collector.collect_each("xyz", windows, [whole, *dealt])
        counting.remove()
        expected = [collector.collect("xyz", piece).statistics for piece in pieces_of(windows, dealt)]
        alone = collector.collect("xyz", windows).statistics
    assert len(passes) == -(-len(windows.ids) // batch)
    assert_close(first.statistics, alone, rtol=0)
    for piece, own in zip(pieces, expected, strict=True):
        assert_close(piece.statistics, own, rtol=1e-9)


def test_without_the_whole_only_batches_with_windows_of_a_replicate_are_read():
    tiny, windows = model(), TEXTS["one"]
    passes: list[int] = []
    with Collector(tiny, layout(tiny), 1, True, 0.01) as collector:
        expected = collector.collect("xyz", Windows(windows.ids[1:3])).statistics
        counting = tiny.network.register_forward_pre_hook(lambda module, call: passes.append(1))
        (found,) = collector.collect_each("xyz", windows, [(1, 2)])
        counting.remove()
    assert len(passes) == 2
    assert_close(found.statistics, expected, rtol=0)


def test_windows_that_come_again_are_in_no_replicate():
    first, second = random_windows(9, 16, 16).ids
    repeated = Windows((first, second, first))
    dealt = deal(not_repeated(repeated.ids), 2)
    with Collector(model(), layout(model()), 8, True, 0.01) as collector:
        half, _ = collector.collect_each("xyz", repeated, dealt)
        assert_close(half.statistics, collector.collect("xyz", Windows((first,))).statistics, rtol=1e-9)


@pytest.mark.parametrize("pad", [0, 7, 63])
def test_what_pads_a_batch_changes_nothing(pad: int):
    expected = collect(model(), TEXTS["one"], batch=8).statistics
    assert_close(collect(replace(model(), pad=pad), TEXTS["one"], batch=8).statistics, expected, rtol=1e-9)


def test_the_order_of_languages_changes_nothing():
    tiny = model()
    with Collector(tiny, layout(tiny), 3, True, 0.01) as collector:
        forwards = {name: collector.collect(name, TEXTS[name]).statistics for name in TEXTS}
        backwards = {name: collector.collect(name, TEXTS[name]).statistics for name in reversed(TEXTS)}
    for name in TEXTS:
        assert_close(backwards[name], forwards[name], rtol=1e-9)
        assert_close(collect(tiny, TEXTS[name]).statistics, forwards[name], rtol=1e-9)


def distances(dtype: torch.dtype, batch: int) -> np.ndarray:
    tiny = model(dtype=dtype)
    cells = [replace(collect(tiny, windows, batch=batch).statistics, language=name) for name, windows in TEXTS.items()]
    recipe = Recipe(SparseGPT(SparseGPTOptions()), Median(MedianOptions()), Hamming())
    return compare(cells, layout(tiny), NetworkWeights(tiny.network), recipe).distances


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_distances_of_single_precision_do_not_depend_on_batches(batch: int):
    np.testing.assert_allclose(distances(torch.float32, batch), distances(torch.float32, 2), rtol=1e-4)


def test_single_and_double_precision_give_nearly_the_same_distances():
    size = sum(matrix.size for matrix in layout(model()).matrices)
    np.testing.assert_allclose(distances(torch.float32, 3), distances(torch.float64, 3), atol=4 / size)


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def in_threads(count: int) -> dict[str, CellStatistics]:
    tiny = model(dtype=torch.float32)
    torch.set_num_threads(count)
    with Collector(tiny, layout(tiny), 2, True, 0.01) as collector:
        work = side_by_side(lambda name: collector.collect(name, TEXTS[name]).statistics, list(TEXTS))
        return dict(work)


def test_two_threads_give_the_numbers_of_one(threads: None):
    alone, together = in_threads(1), in_threads(2)
    assert set(alone) == set(together) == set(TEXTS)
    for name, cell in alone.items():
        assert together[name].language == name
        assert_close(together[name], cell, rtol=0)


def test_cells_run_at_the_same_time_each_on_one_thread(threads: None):
    torch.set_num_threads(2)
    both = threading.Barrier(2, timeout=20)

    def work(item: int) -> int:
        both.wait()
        return torch.get_num_threads()

    assert dict(side_by_side(work, [1, 2])) == {1: 1, 2: 1}
    assert torch.get_num_threads() == 2


def test_a_failure_stops_what_has_not_begun(threads: None):
    torch.set_num_threads(1)
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        raise NumericalError("no")

    with pytest.raises(NumericalError, match="no"):
        list(side_by_side(work, list(range(50))))
    assert len(begun) < 50
    assert torch.get_num_threads() == 1


def test_hooks_are_gone_afterwards():
    tiny = model()
    collect(tiny, TEXTS["two"])
    assert not any(module._forward_pre_hooks for module in tiny.network.modules())


def test_an_input_that_is_not_finite_is_named():
    tiny = model()
    with torch.no_grad():
        tiny.network.get_submodule("layers.0.mlp.up_proj").weight.fill_(float("inf"))
    with pytest.raises(NumericalError, match=r"^layers\.0\.mlp\.down_proj: a layer's inputs are not finite") as caught:
        collect(tiny, TEXTS["two"])
    assert "calibration.dtype" in caught.value.hint


def test_raised_damping_is_noted_with_the_input(monkeypatch: pytest.MonkeyPatch):
    original = summing.input_statistics

    def raised_for_wide(gram: np.ndarray, tokens: int, damping: float) -> InputStatistics:
        found = original(gram, tokens, damping)
        return replace(found, raised=100 * found.damping) if len(gram) == 24 else found

    monkeypatch.setattr(summing, "input_statistics", raised_for_wide)
    found = collect(model(), TEXTS["two"])
    assert found.notes == tuple(
        f"layers.{layer}.mlp.down_proj: Cholesky failed at damping 0.01; raised to 1" for layer in (0, 1)
    )
    wide = found.statistics.inputs["layers.0.mlp.down_proj"]
    assert wide.raised == pytest.approx(100 * wide.damping)


@pytest.mark.parametrize("batch", [1, 2, 8])
def test_of_few_tokens_the_rows_are_kept_instead_of_a_gram_matrix(batch: int, monkeypatch: pytest.MonkeyPatch):
    windows, reduced = random_windows(4, 3, 2, 4), []

    def noted(rows: np.ndarray, tokens: int, damping: float) -> InputStatistics:
        reduced.append(rows.shape)
        return statistics_of_rows(rows, tokens, damping)

    monkeypatch.setattr(summing, "statistics_of_rows", noted)
    found = collect(model(), windows, batch=batch).statistics
    assert reduced == [(9, 24)] * 2
    monkeypatch.setattr(summing, "few_rows", lambda rows, features: False)
    assert_close(found, collect(model(), windows, batch=batch).statistics, rtol=1e-9)
    assert len(reduced) == 2
    monkeypatch.undo()
    for name, one in collect(model(), windows, batch=1).statistics.inputs.items():
        np.testing.assert_allclose(found.inputs[name].inverse_diagonal, one.inverse_diagonal, rtol=1e-9)


def test_of_a_layer_that_is_called_twice_all_rows_are_kept(monkeypatch: pytest.MonkeyPatch):
    twice = Layout((WeightMatrix("l", 0, "m", 3, 40, "l", (0, 1)),))
    read = torch.randn((2, 3, 40), generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def reduced() -> InputStatistics:
        sums = CellSums(twice, Windows(((1, 2, 3),)), 0.01, LapackArithmetic(torch.float64))
        for rows in read:
            sums.add("l", [rows])
        return sums.result("xyz").statistics.inputs["l"]

    kept = reduced()
    monkeypatch.setattr(summing, "few_rows", lambda rows, features: False)
    by_gram = reduced()
    for name in DIAGONALS:
        np.testing.assert_allclose(getattr(kept, name), getattr(by_gram, name), rtol=1e-10)
    np.testing.assert_allclose(kept.gram_diagonal, read.square().sum((0, 1)).numpy() / 3)


class Mixing(nn.Module):
    """Every token sees the mean of all rows, padding among them, as in FNet; then the block is used twice."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(64, 6)
        self.blocks = nn.ModuleList([nn.Linear(6, 6)])

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        values = self.embed(input_ids)
        for _ in range(2):
            values = torch.tanh(self.blocks[0](values + values.mean(1, keepdim=True)))
        return values


def test_where_padding_changes_the_numbers_windows_of_equal_length_share_a_pass():
    tiny, windows = TinyModel(Mixing().double()), TEXTS["one"]
    passes: list[tuple[int, ...]] = []
    collector = Collector(tiny, layout(tiny), 8, True, 0.01)
    changed = collector.check_padding([windows], one_after_another)
    assert changed > 0.05
    tiny.network.register_forward_pre_hook(
        lambda module, call, named: passes.append(tuple(named["input_ids"].shape)), with_kwargs=True
    )
    with collector:
        together = collector.collect("xyz", windows).statistics
    assert passes == [(3, 17), (1, 10), (1, 17), (1, 6)]
    assert_close(together, collect(tiny, windows, batch=1).statistics, rtol=1e-12)


def test_a_block_that_is_used_twice_sums_both_inputs():
    tiny, window = TinyModel(Mixing().double()), TEXTS["two"].ids[0]
    found = collect(tiny, Windows((window,)), batch=1, bos=False).statistics.inputs["blocks.0"]
    with torch.no_grad():
        first = tiny.network.embed(torch.tensor([window]))
        first = first + first.mean(1, keepdim=True)
        second = torch.tanh(tiny.network.blocks[0](first))
        second = second + second.mean(1, keepdim=True)
        expected = (first.square().sum(1) + second.square().sum(1))[0] / len(window)
    np.testing.assert_allclose(found.gram_diagonal, expected.numpy(), rtol=1e-12)


@pytest.mark.parametrize("family", ["llama", "bert", "gemma3_text"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_padding_that_changes_nothing_is_kept(family: str, dtype: torch.dtype):
    tiny = model(family, dtype)
    assert Collector(tiny, layout(tiny), 8, True, 0.01).check_padding(TEXTS.values(), one_after_another) == 0
    single = [Windows(TEXTS["one"].ids[:2])]
    assert Collector(tiny, layout(tiny), 8, True, 0.01).check_padding(single, lambda forwards: pytest.fail("run")) == 0


def test_a_network_that_adds_rows_in_longer_windows_is_refused():
    tiny = model("llama")
    found = layout(tiny)
    tiny.network.layers[0].register_forward_pre_hook(
        lambda module, call: (torch.cat([call[0], call[0]], 1) if call[0].shape[1] > 8 else call[0], *call[1:])
    )
    tiny.network.layers[0].self_attn.forward = lambda hidden_states, **named: (hidden_states, None)
    with (
        Collector(tiny, found, 1, False, 0.01) as collector,
        pytest.raises(UserError, match=r"layers\.0\.mlp\.gate_proj reads 32 rows in a window of 16 tokens"),
    ):
        collector.collect("xyz", Windows(TEXTS["one"].ids[:1]))
