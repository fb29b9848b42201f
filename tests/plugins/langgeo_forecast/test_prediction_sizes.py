"""Sizes by arithmetic against those of networks, files and the literature."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_models
import torch
from tiny_run import Finished, statistics_files

from langgeo_core.api import CalibrationSettings, ModelShape, Needs, bundled_catalog
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.modes import footprint
from langgeo_core.config.schema import PartsSettings
from langgeo_forecast.costs import (
    calibration_peak,
    cell_work,
    compare_seconds,
    gradient_peak,
    gradient_work,
    loading_seconds,
)
from langgeo_forecast.shapes import (
    Gathered,
    block_inputs,
    facts_of,
    features,
    footprint_of,
    linear_weights,
    network_weights,
    statistics_bytes,
)
from langgeo_hf.shape import read_shape

CPU = torch.device("cpu")
STUDY = CalibrationSettings(tokens=524288, window=4096, dtype="bfloat16", batch=1)


def shape_of(name: str) -> ModelShape:
    known = facts_of((name,), bundled_catalog())
    assert known is not None
    return known.shape


@pytest.mark.parametrize("family", ["llama", "mistral", "qwen2", "qwen3", "gemma3_text", "gemma3", "gpt2", "bert"])
def test_a_saved_config_gives_the_sizes_of_its_network(family: str, tmp_path: Path) -> None:
    tiny_models.config(family).save_pretrained(tmp_path)
    shape = read_shape(tmp_path)
    assert shape is not None
    network = tiny_models.network(family)
    network = network.get_decoder() if family == "gemma3" else network  # type: ignore[operator]
    layout = find_layout(network, [3, 4, 5])
    assert linear_weights(shape) == sum(matrix.size for matrix in layout.matrices)
    assert features(shape) == sum(layout.inputs.values())
    if family not in ("gpt2", "bert"):  # whose tables of positions and biases are large beside so small a network
        assert network_weights(shape) == pytest.approx(sum(values.numel() for values in network.parameters()), rel=0.1)


def test_a_mixture_of_experts_and_a_strange_config_have_no_shape(tmp_path: Path) -> None:
    tiny_models.config("mixtral").save_pretrained(tmp_path)
    assert read_shape(tmp_path) is None
    (tmp_path / "config.json").write_text('{"model_type": "rwkv"}', encoding="utf-8")
    assert read_shape(tmp_path) is None
    assert read_shape(tmp_path / "nowhere") is None


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_footprint_is_the_one_that_calibration_goes_by(dtype: str, tmp_path: Path) -> None:
    tiny_models.config("llama").save_pretrained(tmp_path)
    shape = read_shape(tmp_path)
    assert shape is not None
    found, by_outline = footprint_of(shape, dtype), footprint(tiny_models.network("llama", getattr(torch, dtype)))
    for name, value in vars(by_outline).items():
        assert getattr(found, name) == pytest.approx(value, rel=0.06), name


def test_the_published_shapes_have_the_published_sizes() -> None:
    billions = {"mistral-7b": 7.24, "gemma-3-4b": 3.88, "llama-3.2-1b": 1.236}
    billions |= {"gemma-3-270m": 0.268, "smollm2-135m": 0.135}
    for name, size in billions.items():
        assert network_weights(shape_of(name), head=True) / 1e9 == pytest.approx(size, rel=0.01), name
    assert features(shape_of("mistral-7b")) == 32 * (3 * 4096 + 14336)


def test_the_work_of_a_language_on_mistral_7b() -> None:
    shape = shape_of("mistral-7b")
    gram = 524288 * sum(n**2 for n in block_inputs(shape)) * 32
    assert gram == pytest.approx(4.3e15, rel=0.01)
    work = cell_work(shape, STUDY)
    assert 7.3e15 < work.forward < 1.2e16
    assert gram < work.inverses < 1.4 * gram and 0 < work.sums < 0.1 * gram
    assert work.of_replicate == work.inverses
    assert gradient_work(shape, STUDY).forward > 2 * work.forward


def test_of_a_replicate_of_few_tokens_the_inverses_are_less_work() -> None:
    shape, settings = shape_of("gemma-3-270m"), CalibrationSettings(tokens=2048, window=128)
    few = cell_work(shape, settings, replicates=8)
    assert few.inverses == cell_work(shape, settings).inverses
    assert 0.03 * few.inverses < few.of_replicate < 0.2 * few.inverses
    assert cell_work(shape, settings, replicates=8, on_processor=False).of_replicate > 3 * few.of_replicate


def test_what_is_not_gathered_takes_neither_work_nor_memory_nor_disk() -> None:
    shape, settings = shape_of("gemma-3-270m"), CalibrationSettings()
    needs = Needs(parts=PartsSettings(layers=("0.4-0.6",)))
    gathered = Gathered.of(shape, needs)
    assert gathered == Gathered(inverse=False, reached=11 / 18, measured=4 / 18)
    assert Gathered.of(shape, Needs(frozenset({"inputs", "inverse"}))) == Gathered()
    whole, some = cell_work(shape, settings), cell_work(shape, settings, gathered)
    assert some.forward == pytest.approx(11 / 18 * whole.forward)
    assert some.inverses == 0 < some.sums == pytest.approx(4 / 18 * whole.sums)
    sizes = [statistics_bytes(shape, "float32", False, one) for one in (Gathered(), gathered)]
    assert sizes[1] < sizes[0] / 4
    with_grams, without = (calibration_peak(shape, settings, CPU, 1, inverse=one).device for one in (True, False))
    assert without < with_grams


def test_a_scope_of_all_weights_is_compared_in_more_passes_and_conversion_takes_its_time() -> None:
    shape = shape_of("gemma-3-270m")
    assert compare_seconds(shape, "global", 2) > compare_seconds(shape, "matrix", 2)
    assert loading_seconds(shape, "float32", converted=True) > 30 + loading_seconds(shape, "float32", converted=False)


def test_statistics_are_as_large_as_the_files_in_the_store(own_run: Finished, tiny_model: Path) -> None:
    shape = read_shape(tiny_model)
    assert shape is not None
    files = statistics_files(own_run.cache)
    notes = sum(file.with_suffix(".json").stat().st_size for file in files)
    found = sum(file.stat().st_size for file in files) + notes
    assert len(files) * statistics_bytes(shape, "float32", per_weight=False) == pytest.approx(found, rel=0.3)


def test_seven_billion_weights_fit_in_12_gib_a_block_at_a_time() -> None:
    shape, settings = shape_of("mistral-7b"), STUDY.model_copy(update={"memory": 11.0})
    peak = calibration_peak(shape, settings, CPU, cells=1)
    assert peak.mode == "sequential"
    assert peak.process < 12 * 2**30
    whole = calibration_peak(shape, settings.model_copy(update={"mode": "one-pass"}), CPU, cells=1)
    assert whole.process > 14e9


def test_more_cells_take_the_memory_that_is_allowed_and_no_more() -> None:
    shape, settings = shape_of("mistral-7b"), STUDY.model_copy(update={"memory": 20.0, "mode": "sequential"})
    one, many = (calibration_peak(shape, settings, CPU, cells).device for cells in (1, 100))
    assert one < many <= 20 * 2**30


def test_a_scorer_with_a_loss_holds_logits_and_sums() -> None:
    shape = shape_of("gemma-3-270m")
    peak = gradient_peak(shape, CalibrationSettings(), CPU)
    assert peak.device > 4 * (network_weights(shape) + linear_weights(shape)) + 3 * 4 * 512 * shape.vocabulary - 1
