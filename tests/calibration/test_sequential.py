from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import SHAPE, TinyModel, network, one_thread, random_windows, save
from transformers import LlamaConfig, LlamaModel

from langgeo_core.api import CalibrationSettings, CellStatistics, NumericalError, UserError
from langgeo_core.calibration import collect as collecting
from langgeo_core.calibration.collect import Collected, Collector, TensorArithmetic, by_tokens
from langgeo_core.calibration.inputs import block_paths, find_layout
from langgeo_core.calibration.modes import OnePass, Sequential, chosen_device, footprint, groups, open_model
from langgeo_core.calibration.sequential import runner
from langgeo_core.calibration.windows import Windows
from langgeo_hf.folder import FolderModel
from langgeo_hf.options import FolderOptions

CELLS = [("eng", random_windows(3, 20, 20, 20, 13, 7)), ("fra", random_windows(4, 20, 20, 3, 20))]
FAMILIES = ("llama", "mistral", "qwen2", "qwen3", "gemma3_text", "gemma3", "gpt2", "bert", "xlm-roberta")
DIAGONALS = ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal", "mean", "positive")


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A checkpoint in three shards of each family; not to be changed."""
    root = tmp_path_factory.mktemp("streamed")
    return {family: save(root / family, family, shard="9KB") for family in FAMILIES}


def model(folder: Path) -> FolderModel:
    return FolderModel(FolderOptions(path=str(folder)))


def in_one_pass(folder: Path, dtype: str, batch: int = 2) -> list[Collected[CellStatistics]]:
    loaded = model(folder).load(dtype)
    with Collector(loaded, find_layout(loaded.network, [3] * 4), batch, True, 0.01) as collector:
        return [collector.collect(*cell) for cell in CELLS]


def in_sequence(folder: Path, dtype: str, batch: int = 2) -> list[Collected[CellStatistics]]:
    streamed = model(folder).load_streamed(dtype)
    with Collector(streamed, find_layout(streamed.network, [3] * 4, runner(streamed)), batch, True, 0.01) as collector:
        return collector.collect_together(wholes(CELLS), runner(streamed))


def assert_close(
    found: list[Collected[CellStatistics]], expected: list[Collected[CellStatistics]], rtol: float
) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.statistics.language == other.statistics.language
        assert one.statistics.tokens == other.statistics.tokens
        assert list(one.statistics.inputs) == list(other.statistics.inputs)
        for name, statistics in other.statistics.inputs.items():
            for diagonal in DIAGONALS:
                atol = rtol if diagonal in ("mean", "positive") else 0  # a mean may be next to 0
                values = getattr(one.statistics.inputs[name], diagonal)
                assert values.max() > 0
                np.testing.assert_allclose(values, getattr(statistics, diagonal), rtol=rtol, atol=atol, err_msg=name)


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_both_modes_give_the_same_statistics(family: str, dtype: str, folders: dict[str, Path]):
    assert_close(in_sequence(folders[family], dtype), in_one_pass(folders[family], dtype), rtol=1e-5)


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_batches_change_nothing(batch: int, folders: dict[str, Path]):
    expected = in_one_pass(folders["gemma3_text"], "float64", 1)
    assert_close(in_sequence(folders["gemma3_text"], "float64", batch), expected, rtol=1e-9)


def wholes(cells: list[tuple[str, Windows]]) -> list[tuple[str, Windows, list[range]]]:
    return [(language, windows, [range(len(windows.ids))]) for language, windows in cells]


def test_replicates_are_summed_in_the_passes_of_the_whole(folders: dict[str, Path]):
    language, windows = CELLS[0]
    parts = [Windows(windows.ids[1:]), Windows(windows.ids[:1])]
    expected = [*in_one_pass(folders["llama"], "float64"), *apart(folders["llama"], language, parts)]
    streamed = model(folders["llama"]).load_streamed("float64")
    with Collector(streamed, find_layout(streamed.network, [3] * 4, runner(streamed)), 8, True, 0.01) as collector:
        pieces = [range(len(windows.ids)), range(1, len(windows.ids)), range(1)]
        found = collector.collect_together([(language, windows, pieces), *wholes(CELLS[1:])], runner(streamed))
    assert_close([found[0], *found[3:], *found[1:3]], expected, rtol=1e-9)


def apart(folder: Path, language: str, parts: list[Windows]) -> list[Collected[CellStatistics]]:
    loaded = model(folder).load("float64")
    with Collector(loaded, find_layout(loaded.network, [3] * 4), 8, True, 0.01) as collector:
        return [collector.collect(language, part) for part in parts]


@pytest.mark.parametrize("batch", [1, 3, 8])
@pytest.mark.parametrize("family", ["llama", "xlm-roberta"])
def test_sums_of_whole_batches_on_a_device_are_those_of_the_processor(
    family: str, batch: int, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    expected = in_one_pass(folders[family], "float64", 1)
    tensors = TensorArithmetic(torch.float64, torch.device("cpu"))
    monkeypatch.setattr(collecting, "arithmetic_for", lambda parameter: tensors)
    assert_close(in_one_pass(folders[family], "float64", batch), expected, rtol=1e-9)
    assert_close(in_sequence(folders[family], "float64", batch), expected, rtol=1e-9)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("mode", ["one-pass", "sequential"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_card_gives_the_statistics_of_the_processor(family: str, mode: str, folders: dict[str, Path]):
    settings = CalibrationSettings(mode=mode, device="cuda", dtype="float64")
    road = open_model(model(folders[family]), family, settings)
    with Collector(
        road.model, find_layout(road.model.network, [3] * 4, runner(road.model)), 2, True, 0.01
    ) as collector:
        if isinstance(road, Sequential):
            found = collector.collect_together(wholes(CELLS), runner(road.model))
        else:
            found = [collector.collect(*cell) for cell in CELLS]
    assert_close(found, in_one_pass(folders[family], "float64"), rtol=1e-7)


@pytest.mark.parametrize("family", FAMILIES)
def test_layouts_of_empty_blocks_are_those_of_whole_networks(family: str, folders: dict[str, Path]):
    streamed, loaded = model(folders[family]).load_streamed("float32"), model(folders[family]).load("float32")
    assert find_layout(streamed.network, [3] * 4, runner(streamed)) == find_layout(loaded.network, [3] * 4)
    assert filled_blocks(streamed.network) == []


def filled_blocks(found: torch.nn.Module) -> list[str]:
    """Blocks with parameters in memory."""
    paths = block_paths(found)
    return [path for path in paths if not all(values.is_meta for values in found.get_submodule(path).parameters())]


@dataclass
class Watched:
    """A streamed model that notes which blocks are in memory whenever one is read."""

    inner: object
    reads: list[str] = field(default_factory=list)
    held: list[list[str]] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def block(self, path: str) -> dict[str, torch.Tensor]:
        self.reads.append(path)
        self.held.append(filled_blocks(self.inner.network))
        return self.inner.block(path)


def test_one_block_is_in_memory_at_a_time_and_read_once_for_all_cells(folders: dict[str, Path]):
    watched = Watched(model(folders["llama"]).load_streamed("float32"))
    layout = find_layout(watched.network, [3] * 4, runner(watched))
    watched.reads.clear()
    with Collector(watched, layout, 2, True, 0.01) as collector:
        collector.collect_together(wholes(CELLS), runner(watched))
    assert watched.reads == ["layers.0", "layers.1"]
    assert watched.held == [[]] * 4
    assert filled_blocks(watched.network) == []


def test_one_cells_gram_matrices_are_in_memory_at_a_time(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch):
    streamed = model(folders["llama"]).load_streamed("float64")
    layout = find_layout(streamed.network, [3] * 4, runner(streamed))
    with Collector(streamed, layout, 1, True, 0.01) as collector:
        planned = []
        original = collector.passes
        monkeypatch.setattr(collector, "passes", lambda *windows: planned.append(original(*windows)) or planned[-1])
        most = [0]

        def count(module: object, arguments: object) -> None:
            alive = [len(sums.grams) for (sums,), _ in planned]
            assert sum(bool(number) for number in alive) <= 1
            most[0] = max(most[0], sum(alive))

        for matrix in layout.matrices:
            streamed.network.get_submodule(matrix.name).register_forward_pre_hook(count)
        collector.collect_together(wholes(CELLS), runner(streamed))
    assert most[0] == 4


def test_a_failure_names_the_input_and_leaves_the_blocks_empty(folders: dict[str, Path]):
    streamed = model(folders["llama"]).load_streamed("float32")
    layout = find_layout(streamed.network, [3] * 4, runner(streamed))

    class Broken(Watched):
        def block(self, path: str) -> dict[str, torch.Tensor]:
            tensors = dict(self.inner.block(path))
            tensors["mlp.up_proj.weight"] = torch.full_like(tensors["mlp.up_proj.weight"], torch.inf)
            return tensors

    broken = Broken(streamed)
    with (
        Collector(broken, layout, 2, True, 0.01) as collector,
        pytest.raises(NumericalError, match=r"^layers\.0\.mlp\.down_proj: a layer's inputs are not finite"),
    ):
        collector.collect_together(wholes(CELLS), runner(broken))
    assert filled_blocks(streamed.network) == []


def test_a_network_without_weights_has_the_footprint_of_the_whole(folders: dict[str, Path]):
    outline, whole = model(folders["llama"]).outline("float32"), model(folders["llama"]).load("float32").network
    found = footprint(outline)
    assert found == footprint(whole)
    assert found.weights == 4 * sum(values.numel() for values in whole.parameters())
    assert found.block == 4 * sum(values.numel() for values in whole.get_submodule("layers.0").parameters())
    assert found.outside == found.weights - 2 * found.block
    # q, k, v, o, gate and up read 16 features, down reads 24.
    assert sorted(found.widths) == [16] * 12 + [24] * 2
    assert sorted(found.block_widths) == [16] * 6 + [24]
    assert found.number == 4
    assert found.state == 4 * 16


def test_sequential_memory_does_not_grow_with_depth_and_that_of_one_pass_does():
    found = {}
    for depth in (2, 8):
        with torch.device("meta"):
            found[depth] = footprint(LlamaModel(LlamaConfig(**{**SHAPE, "num_hidden_layers": depth})))
    assert found[2].sequential(1000, 64) == found[8].sequential(1000, 64)
    grams = 4 * sum(width**2 for width in found[2].block_widths)
    assert found[8].one_pass(1, 64) - found[2].one_pass(1, 64) == 6 * (found[2].block + grams)


@pytest.mark.parametrize(("most", "sizes"), [(10**6, [3]), (50, [1, 1, 1]), (150, [2, 1])])
def test_cells_are_grouped_by_the_tokens_they_hold(most: int, sizes: list[int]):
    cells = [(name, random_windows(0, 30, 20)) for name in "abc"]
    found = list(groups(cells, most))
    assert list(map(len, found)) == sizes
    assert [cell for group in found for cell in group] == cells


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, OnePass),
        ({"mode": "sequential"}, Sequential),
        ({"memory": 1e-6}, Sequential),
        ({"memory": 1e-6, "mode": "one-pass"}, OnePass),
    ],
)
def test_the_mode_is_what_fits_or_what_is_asked(settings: dict[str, object], kind: type, folders: dict[str, Path]):
    road = open_model(model(folders["llama"]), "llama", CalibrationSettings(device="cpu", **settings))
    assert type(road) is kind
    assert road.device == torch.device("cpu")


@pytest.mark.parametrize(("memory", "sizes"), [(1e-6, [1, 1]), (1, [2])])
def test_memory_decides_how_many_cells_go_together(memory: float, sizes: list[int], folders: dict[str, Path]):
    settings = CalibrationSettings(mode="sequential", device="cpu", memory=memory)
    road = open_model(model(folders["llama"]), "llama", settings)
    assert isinstance(road, Sequential)
    assert [len(group) for group in road.groups(CELLS, 2)] == sizes


class WholeOnly:
    """A model of a plugin that knows nothing of blocks."""

    def load(self, dtype: str) -> TinyModel:
        return TinyModel(network("llama", torch.float32))


def test_a_model_that_cannot_be_streamed_is_refused_only_where_it_is_asked_for():
    auto = open_model(WholeOnly(), "own", CalibrationSettings(device="cpu", memory=1e-6))
    assert isinstance(auto, OnePass)
    with pytest.raises(UserError, match="the model own cannot be loaded a block at a time") as caught:
        open_model(WholeOnly(), "own", CalibrationSettings(device="cpu", mode="sequential"))
    assert "calibration.mode=one-pass" in caught.value.hint


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert chosen_device(CalibrationSettings()) == torch.device("cuda:0")
    assert chosen_device(CalibrationSettings(device="cuda")) == torch.device("cuda:0")
    with pytest.raises(UserError, match=r"calibration\.device=cuda:1: .* 1 CUDA devices"):
        chosen_device(CalibrationSettings(device="cuda:1"))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert chosen_device(CalibrationSettings()) == torch.device("cpu")
    with pytest.raises(UserError, match="no CUDA device"):
        chosen_device(CalibrationSettings(device="cuda"))


def test_batches_by_tokens_count_padding():
    windows = Windows(tuple((3,) * length for length in (8, 8, 3, 3, 3, 9, 1)))
    found = [list(map(len, batch)) for batch in by_tokens(windows.ids, 16)]
    assert found == [[8, 8], [3, 3, 3], [9], [1]]
    assert [len(batch) for batch in by_tokens(windows.ids, 1)] == [1] * 7


def test_a_forward_pass_ends_at_its_last_measured_input(folders: dict[str, Path]):
    loaded, reached = model(folders["llama"]).load("float32"), []
    layout = find_layout(loaded.network, [3] * 4)
    for name in ("layers.1.mlp.down_proj", "norm"):
        loaded.network.get_submodule(name).register_forward_hook(lambda *_, name=name: reached.append(name))
    with Collector(loaded, layout, 2, True, 0.01) as collector:
        collector.collect(*CELLS[0])
    assert reached == []
