"""A run gone on with: in its own folder, from a later stage, after damage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_run import NO_PICTURES, Finished, Langgeo, incidents, record_of, statistics_files

from langgeo_core.api import Run

# The same folder again


def test_the_same_config_goes_on_in_its_folder(own_run: Finished, langgeo: Langgeo) -> None:
    before = (own_run.folder / "distances.csv").read_bytes()
    written = own_run.folder / "config.yaml"
    (own_run.folder / "distances.csv").unlink()
    assert langgeo("run", written, "--out", own_run.folder).code == 0
    assert (own_run.folder / "distances.csv").read_bytes() == before


def test_another_config_is_refused_with_the_keys_that_differ(own_run: Finished, langgeo: Langgeo) -> None:
    before = (own_run.folder / "run.json").read_bytes()
    words = ["scorer.diagonal=cholesky", "calibration.tokens=64", "--out", own_run.folder]
    refused = langgeo("run", own_run.folder / "config.yaml", *words)
    assert refused.code == 2
    assert "different: calibration.tokens, scorer.diagonal\n" in refused.err
    assert "--overwrite" in refused.err
    assert (own_run.folder / "run.json").read_bytes() == before


def test_overwrite_takes_the_folder_over_and_nothing_of_the_old_run_is_read(
    own_run: Finished, langgeo: Langgeo, text_folder: Path
) -> None:
    before = (own_run.folder / "distances.csv").read_bytes()
    corpus = f"corpora=[{{name: text-folder, as: renamed, path: {text_folder}}}]"
    words = ["scorer.diagonal=cholesky", corpus, NO_PICTURES, "--overwrite", "--out", own_run.folder]
    done = langgeo("run", own_run.config, *words)
    assert (done.code, "report.html" in done.out) == (0, False)
    assert "diagonal: cholesky" in (own_run.folder / "config.yaml").read_text(encoding="utf-8")
    assert set(Run(own_run.folder).cell_distances) == {"huggingface--renamed"}
    assert (own_run.folder / "distances.csv").read_bytes() != before


def test_a_folder_of_something_else_is_refused(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    refused = langgeo("run", tiny_config, "--out", tmp_path / "mine")
    assert refused.code == 2
    assert "is not empty and has no config.yaml: it holds no run" in refused.err
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["notes.txt"]


# From a later stage on

WRITES = {
    "compare": "kept.csv",
    "aggregate": "distances.csv",
    "embed": "embedding.csv",
    "cluster": "clusters.csv",
    "evaluate": "metrics.csv",
    "report": "mst.csv",
}


@pytest.mark.parametrize("stage", WRITES)
def test_from_a_stage_writes_its_files_and_all_later_ones_anew(
    own_run: Finished, langgeo: Langgeo, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("langgeo_hf.folder.FolderModel.load")
    order = list(WRITES)
    before = {name: (own_run.folder / name).read_bytes() for name in WRITES.values()}
    for later in order[order.index(stage) :]:
        (own_run.folder / WRITES[later]).unlink()
    kept = {WRITES[earlier]: _written_at(own_run.folder / WRITES[earlier]) for earlier in order[: order.index(stage)]}
    done = langgeo("run", own_run.config, NO_PICTURES, "--from", stage, "--out", own_run.folder)
    assert (done.code, done.err.count("error")) == (0, 0)
    assert {name: (own_run.folder / name).read_bytes() for name in WRITES.values()} == before
    assert {name: _written_at(own_run.folder / name) for name in kept} == kept
    record = record_of(own_run.folder)
    assert (record["status"], record["cells_calibrated"], record["cells_reused"]) == ("done", 0, 8)
    assert record["signature"] == "KeptCounts"
    assert set(record["times"]) == {"calibrate", *WRITES}


def _written_at(file: Path) -> tuple[int, int]:
    return file.stat().st_mtime_ns, file.stat().st_ino


@pytest.mark.parametrize(
    ("change", "start", "first"),
    [
        ("calibration.tokens=64", "compare", "calibrate"),
        ("scorer.diagonal=cholesky", "aggregate", "compare"),
        ("aggregator.normalise=always", "embed", "aggregate"),
        ("transforms=[sqrt]", "embed", "aggregate"),
        ("embedder.transform=sqrt", "cluster", "embed"),
        ("clusterers.kmeans.seeds=3", "evaluate", "cluster"),
        ("evaluators.glottolog.permutations=9", "report", "cluster"),
    ],
)
def test_from_a_stage_after_what_changed_is_refused(
    own_run: Finished, langgeo: Langgeo, change: str, start: str, first: str
) -> None:
    refused = langgeo("run", own_run.config, change, NO_PICTURES, "--from", start, "--out", own_run.folder)
    assert refused.code == 2
    assert f"{change.partition('=')[0]} changed: that takes effect at {first}, before {start}" in refused.err
    assert f"use --from {first}" in refused.err


def test_from_the_stage_that_changed_is_taken(own_run: Finished, langgeo: Langgeo) -> None:
    words = ["scorer.diagonal=cholesky", NO_PICTURES, "--from", "compare", "--out", own_run.folder]
    before = (own_run.folder / "distances.csv").read_bytes()
    assert langgeo("run", own_run.config, *words).code == 0
    assert (own_run.folder / "distances.csv").read_bytes() != before


def test_from_a_stage_without_a_run_is_refused(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    refused = langgeo("run", tiny_config, "--from", "embed", "--out", tmp_path / "nothing")
    assert refused.code == 2
    assert "has no config.yaml, so it holds no run to go on with from embed" in refused.err and "--out" in refused.err


@pytest.mark.parametrize(
    ("stage", "name"),
    [
        ("compare", "cells.csv"),
        ("aggregate", "distances/huggingface--text-folder.csv"),
        ("embed", "distances.csv"),
        ("cluster", "embedding.csv"),
        ("evaluate", "clusters.csv"),
    ],
)
def test_from_a_stage_whose_input_is_missing_names_the_file(
    own_run: Finished, langgeo: Langgeo, stage: str, name: str
) -> None:
    (own_run.folder / name).unlink()
    refused = langgeo("run", own_run.config, NO_PICTURES, "--from", stage, "--out", own_run.folder)
    assert refused.code == 2
    assert f"{own_run.folder} has no {name}" in refused.err


# After damage


def cut_short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def alter_a_byte(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("damage", [cut_short, alter_a_byte, lambda _: b""])
def test_damaged_statistics_are_noticed_and_computed_again(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, damage: Any
) -> None:
    file = statistics_files(own_run.cache)[0]
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    words = [NO_PICTURES, "--out"]
    plan = langgeo("plan", own_run.config)
    assert "1 damaged, to calibrate again" in plan.out
    assert langgeo("run", own_run.config, *words, tmp_path / "again").code == 0
    record = record_of(tmp_path / "again")
    assert (record["cells_calibrated"], record["cells_reused"]) == (1, 7)
    assert file.name in incidents(tmp_path / "again")
    assert "computed again" in incidents(tmp_path / "again")
    assert file.read_bytes() == whole
    assert (tmp_path / "again/distances.csv").read_bytes() == (own_run.folder / "distances.csv").read_bytes()


def test_damaged_statistics_stop_a_run_from_compare(own_run: Finished, langgeo: Langgeo) -> None:
    file = statistics_files(own_run.cache)[0]
    file.write_bytes(alter_a_byte(file.read_bytes()))
    refused = langgeo("run", own_run.config, NO_PICTURES, "--from", "compare", "--out", own_run.folder)
    assert refused.code == 2
    assert "does not match its checksum" in refused.err
    assert "run again from the stage calibrate" in refused.err


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_damaged_note_of_a_cell_is_noticed_too(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, content: str
) -> None:
    note = sorted((own_run.cache / "cells").rglob("*.json"))[0]
    note.write_text(content)
    assert langgeo("run", own_run.config, NO_PICTURES, "--out", tmp_path / "again").code == 0
    assert record_of(tmp_path / "again")["cells_calibrated"] == 1
    assert "computed again" in incidents(tmp_path / "again")
