"""Calibration gathers what the scorer reads of the parts that are asked for; cells that hold more serve as well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_run import Langgeo, record_of, rows, statistics_files

from langgeo_core.api import Needs, Run, config_of
from langgeo_core.config.schema import PartsSettings
from langgeo_core.pipeline.run import first_stages

FEW = ("languages=[deu, eng, fra]", "calibration.tokens=64", "exporters=[]", "clusterers=[]", "baselines=[]")
CONTINUOUS = ("quantizer=none", "distance=l2")
MEAN = ("scorer=activation-mean", *CONTINUOUS)
HIDDEN = ("scorer=hidden-mean", *CONTINUOUS)

Made = Callable[..., Run]


@pytest.fixture
def made(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> Made:
    """A run with some words of its own."""

    def call(name: str, *words: str) -> Run:
        outcome = langgeo("run", tiny_config, *FEW, *words, "--out", tmp_path / name)
        assert outcome.code == 0, outcome.err
        return Run(tmp_path / name)

    return call


def calibrated(run: Run) -> tuple[int, int]:
    record = record_of(run.path)
    return record["cells_calibrated"], record["cells_reused"]


def statistics(cache: Path) -> set[str]:
    """The fields in all files of the store."""
    return {key.rpartition("/")[2] for file in statistics_files(cache) for key in load_file(file)}


def same(one: Run, other: Run) -> None:
    assert (one.path / "distances.csv").read_bytes() == (other.path / "distances.csv").read_bytes()


def test_a_poor_cell_serves_no_richer_request_and_is_left_as_it_is(made: Made, cache: Path, langgeo: Langgeo):
    poor = made("poor", *MEAN)
    assert statistics(cache) == {"mean", "gram_diagonal", "positive", "damping"}
    before = {file: file.read_bytes() for file in statistics_files(cache)}
    rich = made("rich")
    assert (calibrated(poor), calibrated(rich)) == ((3, 0), (3, 0))
    assert statistics(cache) >= {"inverse_diagonal", "cholesky_diagonal"}
    assert {file: file.read_bytes() for file in before} == before
    used = {row["sha256"] for row in rows(poor.path / "cells.csv")}
    assert calibrated(made("poor", *MEAN)) == (0, 3)
    assert {row["sha256"] for row in rows(poor.path / "cells.csv")} == used, "its own cells go before richer ones"
    assert langgeo("cache", "verify").code == 0


def test_a_rich_cell_serves_poorer_requests_with_the_same_numbers(
    made: Made, cache: Path, tiny_config: Path, langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch
):
    made("rich")
    wanda = ("scorer={name: wanda, damped: true}", "quantizer=log", "distance=l2", "parts.layers=1")
    planned = langgeo("plan", tiny_config, *FEW, *wanda, "--no-probe")
    assert "3 in the store" in planned.out
    served = [made("served-wanda", *wanda), made("served", *MEAN)]
    assert list(map(calibrated, served)) == [(0, 3), (0, 3)]
    monkeypatch.setenv("LANGGEO_CACHE", str(cache / "another"))
    alone = [made("alone-wanda", *wanda), made("alone", *MEAN)]
    assert list(map(calibrated, alone)) == [(3, 0), (3, 0)]
    for one, other in zip(served, alone, strict=True):
        same(one, other)


def test_parts_alone_are_measured_and_compared(made: Made, cache: Path, tmp_path: Path):
    parts = ("parts.layers=0", "parts.modules=down_proj")
    some = made("some", "scorer=activation-probability", *CONTINUOUS, *parts)
    (file,) = {tuple(sorted(load_file(file))) for file in statistics_files(cache)}
    assert {key.rpartition("/")[0] for key in file} == {"layers.0.mlp.down_proj"}
    assert [row["matrix"] for row in rows(some.path / "kept.csv")] == ["layers.0.mlp.down_proj"]
    assert record_of(some.path)["compared"] == "parts"
    whole = made("whole", "scorer=activation-probability", *CONTINUOUS)
    assert calibrated(whole) == (3, 0), "a cell of some parts does not serve the whole network"
    for cell in statistics_files(cache):
        if load_file(cell).keys() == set(file):
            cell.with_suffix(".json").unlink()
    again = made("again", "scorer=activation-probability", *CONTINUOUS, *parts)
    assert calibrated(again) == (0, 3)
    same(some, again)


def test_the_residual_stream_layer_by_layer(made: Made, cache: Path):
    run = made("hidden", *HIDDEN, "parts.layers=1-2")
    assert statistics(cache) == {"hidden", "damping"}
    assert [(row["layer"], row["module"], row["rows"]) for row in rows(run.path / "kept.csv")] == [
        ("1", "hidden", "1"),
        ("2", "hidden", "1"),
    ]
    ((model, corpus),) = run.weight_matrices
    partial = run.partial_distances(model, corpus)
    means = {}
    for row in rows(run.path / "cells.csv"):
        (found,) = [load_file(file) for file in statistics_files(cache) if file.name == row["statistics"]]
        means[row["language"]] = np.stack([found[f"{name}/hidden"] for name in ("layers.1:input", "layers.1:output")])
    for layer in range(2):
        expected = [[np.square(means[a][layer] - means[b][layer]).sum() for b in partial.ids] for a in partial.ids]
        np.testing.assert_allclose(partial.sums[layer, 0], expected, rtol=1e-5, atol=1e-12)


def test_an_evaluator_of_the_whole_network_has_all_of_it(made: Made):
    words = (*MEAN, "parts.layers=0", "evaluators=[glottolog, {name: layers, subsamples: 2, permutations: 3}]")
    run = made("layers", *words)
    assert {row["layer"] for row in rows(run.path / "kept.csv")} == {"0", "1"}
    assert record_of(run.path)["compared"] == "whole"
    without = made("without", *MEAN, "parts.layers=0")
    np.testing.assert_allclose(run.distances.values, without.distances.values, rtol=1e-14)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*HIDDEN[:1], "distance=l2", "quantizer=median"], "the quantizer median does not take"),
        ([*MEAN[:1], "distance=jensen-shannon", "quantizer=none"], "the distance jensen-shannon does not take"),
        (["scorer={name: wanda, damped: true, floor: 0.001}"], "exclude each other: choose one of them"),
        ([*HIDDEN, "parts.modules=down_proj"], "no weight matrix is in 'down_proj'"),
    ],
)
def test_what_does_not_fit_is_refused(words: list[str], said: str, langgeo: Langgeo, tiny_config: Path, tmp_path: Path):
    outcome = langgeo("run", tiny_config, *FEW, *words, "--out", tmp_path / "refused")
    assert outcome.code == 2
    assert said in outcome.err
    assert "may be negative" in outcome.err or "does not take" not in said


def test_an_ablation_calibrates_once_for_all_its_variants(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, cache: Path
):
    words = ["scorer=wanda,sparsegpt,hidden-mean", *CONTINUOUS, "--out", tmp_path / "ablation", "--halves", "2"]
    outcome = langgeo("ablate", tiny_config, *FEW, *words)
    assert outcome.code == 0, outcome.err
    assert "3 cells calibrated" in outcome.out
    assert len(statistics_files(cache)) == 3
    assert statistics(cache) >= {"inverse_diagonal", "hidden"}
    assert "0 cells calibrated" in langgeo("ablate", tiny_config, *FEW, *words).out


@pytest.fixture
def resolved(tiny_config: Path, cache: Path) -> Callable[..., Any]:
    return lambda *words: config_of({"registry": None}, str(tiny_config), words, None)


def test_what_a_config_needs(resolved: Callable[..., Any]):
    parts = PartsSettings(layers=("0",), modules=("down_proj",))
    words = ("parts.layers=0", "parts.modules=down_proj")
    assert Needs.of(resolved()) == Needs(frozenset({"inputs", "inverse"}))
    assert Needs.of(resolved("scorer=wanda", *words)) == Needs(frozenset({"inputs"}), parts)
    assert Needs.of(resolved("scorer=wanda", "quantizer.scope=global", *words)) == Needs()
    assert Needs.of(resolved(*HIDDEN, *words)) == Needs(frozenset({"hidden"}), parts)
    one, other = Needs(frozenset({"inputs"}), parts), Needs(frozenset({"hidden"}), parts)
    assert one | other == Needs(frozenset({"inputs", "hidden"}), parts)
    assert one | Needs() == Needs()


def test_a_richer_address_serves_and_a_poorer_does_not():
    parts = PartsSettings(layers=("0",))
    assert Needs().suffixes == ("-inputs", "-hidden-inputs", "-inputs-inverse", "-hidden-inputs-inverse")
    own, whole, *richer = Needs(parts=parts).suffixes
    assert own.startswith("-inputs-") and whole == "-inputs"
    assert own not in Needs().suffixes
    assert [suffix for suffix in richer if suffix in Needs().suffixes] == list(Needs().suffixes[1:])
    assert Needs(frozenset({"inputs", "inverse", "hidden"})).suffixes == ("-hidden-inputs-inverse",)
    assert Needs(frozenset({"hidden"})).suffixes == ("-hidden", "-hidden-inputs", "-hidden-inputs-inverse")
    assert own != Needs(parts=PartsSettings(layers=("1",))).suffixes[0]


@pytest.mark.parametrize(
    ("before", "after", "stages"),
    [
        ((), ("scorer=wanda",), {"scorer": "compare"}),
        (("scorer=wanda",), (), {"scorer": "calibrate"}),
        ((), ("parts.layers=0",), {"parts.layers": "compare"}),
        (("parts.layers=0",), (), {"parts.layers": "calibrate"}),
        (("parts.layers=0",), ("parts.layers=0", "evaluators=[layers]"), {"evaluators": "calibrate"}),
        (("parts.layers=0", "evaluators=[layers]"), ("parts.layers=0",), {"evaluators": "cluster"}),
    ],
)
def test_a_change_that_needs_more_of_a_cell_begins_with_calibrate(
    resolved: Callable[..., Any], before: tuple[str, ...], after: tuple[str, ...], stages: dict[str, str]
):
    found = first_stages(resolved(*before), resolved(*after))
    assert {key: stage for key, stage in found.items() if key in stages} == stages
