"""Modes and devices of calibration as a user chooses them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tiny_run import NO_PICTURES, Finished, Langgeo, record_of, statistics_files


def computed(cache: Path) -> set[tuple[str, str]]:
    """(mode, device) of every cell."""
    records = [json.loads(file.read_text(encoding="utf-8")) for file in (cache / "cells").rglob("*.json")]
    return {(record["mode"], record["device"]) for record in records}


def test_a_sequential_run_has_the_numbers_of_a_whole_one(
    langgeo: Langgeo, whole_run: Finished, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["calibration.mode=sequential", "calibration.device=cpu", "calibration.memory=0.000001", NO_PICTURES]
    assert langgeo("run", whole_run.config, *words, "--out", tmp_path / "run").code == 0
    assert computed(cache) == {("sequential", "cpu")}
    ours, theirs = statistics_files(cache), statistics_files(whole_run.cache)
    assert [file.name for file in ours] == [file.name for file in theirs]
    for one, other in zip(map(load_file, ours), map(load_file, theirs), strict=True):
        for name, values in one.items():
            np.testing.assert_allclose(values, other[name], rtol=1e-5, err_msg=name)


def test_the_mode_is_no_part_of_a_cells_address(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> None:
    words = ["calibration.mode=sequential", "calibration.memory=3", NO_PICTURES]
    assert langgeo("run", own_run.config, *words, "--out", tmp_path / "again").code == 0
    record = record_of(tmp_path / "again")
    assert (record["cells_calibrated"], record["cells_reused"]) == (0, 8)


def test_a_text_that_is_too_short_is_skipped_in_sequence_too(
    langgeo: Langgeo, tiny_config: Path, cache: Path, tmp_path: Path
) -> None:
    words = ["calibration.mode=sequential", "calibration.short=skip", "calibration.tokens=99999999", NO_PICTURES]
    langgeo("run", tiny_config, *words, "--out", tmp_path / "run")
    cells = (tmp_path / "run/cells.csv").read_text(encoding="utf-8")
    assert cells.count(",skipped,") == 8


def test_a_skipped_text_is_told_once_whatever_replicates_there_are(
    langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path
) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for file in text_folder.glob("*.txt"):
        text = file.read_text(encoding="utf-8")
        (texts / file.name).write_text(text[:60] if file.stem == "fra" else text, encoding="utf-8")
    config = tiny_config.with_name("short.yaml")
    config.write_text(tiny_config.read_text(encoding="utf-8").replace(str(text_folder), str(texts)), encoding="utf-8")
    words = [
        "calibration.short=skip",
        "reliability.replicates=4",
        "calibration.tokens=64",
        "calibration.window=16",
        NO_PICTURES,
    ]
    done = langgeo("run", config, *words, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    said = [one["message"] for one in record_of(tmp_path / "run")["incidents"] if "; skipped" in one["message"]]
    assert len(said) == 1 and "fra: only " in said[0]


def test_a_scorer_with_a_loss_is_refused_in_sequence(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    words = ["calibration.mode=sequential", "scorer=fisher", NO_PICTURES]
    outcome = langgeo("run", tiny_config, *words, "--out", tmp_path / "run")
    assert outcome.code == 2
    assert "calibration.mode=sequential: a scorer that needs a loss" in outcome.err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
@pytest.mark.parametrize("scorer", ["sparsegpt", "fisher"])
def test_a_card_that_is_not_there_is_refused(scorer: str, langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    words = ["calibration.device=cuda", f"scorer={scorer}", NO_PICTURES]
    outcome = langgeo("run", tiny_config, *words, "--out", tmp_path / "run")
    assert outcome.code == 2
    assert "finds no CUDA device" in outcome.err


def test_an_unknown_device_is_refused(langgeo: Langgeo, tiny_config: Path) -> None:
    outcome = langgeo("validate", tiny_config, "calibration.device=tpu")
    assert outcome.code == 2
    assert "calibration.device: must be auto, cpu, cuda or cuda:N, got 'tpu'" in outcome.err
