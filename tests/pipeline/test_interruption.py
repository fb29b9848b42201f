"""A run that is killed, interrupted or out of disk space goes on where it stopped, to the same numbers."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tiny_run import Finished, Langgeo

from langgeo_core.api import Store
from langgeo_core.storage.store import CellRecord

SLOW = """
import sys, time
from langgeo_core.cli import main
from langgeo_core.storage.store import Store

save = Store.save

def save_slowly(*arguments):
    record = save(*arguments)
    time.sleep(0.5)
    return record

Store.save = save_slowly
main(sys.argv[1:])
"""
"""`langgeo`, but every cell takes half a second more."""


def cells(cache: Path) -> dict[str, tuple[int, int]]:
    """The finished cells with what changes when a file is written again."""
    files = [note.with_suffix(".safetensors") for note in (cache / "cells").rglob("[!.]*.json")]
    return {file.name: (file.stat().st_mtime_ns, file.stat().st_ino) for file in files}


def resume(langgeo: Langgeo, whole_run: Finished, run: Path, cache: Path) -> dict[str, Any]:
    """Start the same command again: nothing is done twice, the numbers are the undisturbed ones. Gives its record."""
    before = cells(cache)
    assert before
    assert len(before) < 8
    assert langgeo("run", whole_run.config, "--out", run).code == 0
    assert cells(cache).items() >= before.items()
    assert (run / "distances.csv").read_bytes() == (whole_run.folder / "distances.csv").read_bytes()
    record: dict[str, Any] = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert record["cells_reused"] >= len(before)
    assert record["cells_calibrated"] + record["cells_reused"] == 8
    return record


def test_killed(langgeo: Langgeo, whole_run: Finished, cache: Path, tmp_path: Path) -> None:
    words = ["-q", "run", str(whole_run.config), "--out", str(tmp_path / "run")]
    with subprocess.Popen([sys.executable, "-c", SLOW, *words], stderr=subprocess.PIPE) as process:
        _wait_for_a_cell(cache, process)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "run" / "distances.csv").exists()
    resume(langgeo, whole_run, tmp_path / "run", cache)


def _wait_for_a_cell(cache: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not cells(cache):
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def after_cells(monkeypatch: pytest.MonkeyPatch, count: int, happens: Any) -> None:
    """Let something happen when so many cells have been saved."""
    saved: list[CellRecord] = []
    save = Store.save

    def save_and_count(*arguments: Any) -> CellRecord:
        saved.append(save(*arguments))
        if len(saved) == count:
            happens()
        time.sleep(0.05)
        return saved[-1]

    monkeypatch.setattr(Store, "save", save_and_count)


def test_interrupted_from_the_keyboard(
    langgeo: Langgeo, whole_run: Finished, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            after_cells(patch, 2, lambda: os.kill(os.getpid(), signal.SIGINT))
            stopped = langgeo("run", whole_run.config, "--out", tmp_path / "run")
    finally:
        signal.signal(signal.SIGINT, handler)
    assert stopped.code == 130
    assert "interrupted; finished work is kept: start the same command again to continue" in stopped.err
    assert "Traceback" not in stopped.err
    assert json.loads((tmp_path / "run" / "run.json").read_text())["finished"] is False
    resume(langgeo, whole_run, tmp_path / "run", cache)


def test_a_stage_after_one_that_was_interrupted_is_refused(
    own_run: Finished, langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    other = [own_run.config, "scorer.diagonal=cholesky", "exporters=[mst]", "--out", own_run.folder]
    with monkeypatch.context() as patch:
        patch.setattr("langgeo_core.pipeline.stages.distances.compare", interrupt)
        assert langgeo("run", *other, "--from", "compare").code == 130
    record = json.loads((own_run.folder / "run.json").read_text(encoding="utf-8"))
    assert (record["finished"], "status" in record) == (False, False)
    refused = langgeo("run", *other, "--from", "embed")
    assert refused.code == 2
    assert f"the stage compare of {own_run.folder} has not finished\n  use --from compare" in refused.err
    assert langgeo("run", *other, "--from", "compare").code == 0


def test_the_disk_is_full_in_the_middle(
    langgeo: Langgeo, whole_run: Finished, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, moved = os.replace, []

    def replace_until_full(source: Any, target: Any) -> None:
        if "cells" in Path(target).parts and str(target).endswith(".safetensors"):
            moved.append(target)
            if len(moved) >= 3:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace_until_full)
        stopped = langgeo("run", whole_run.config, "--out", tmp_path / "run")
    assert stopped.code == 1
    assert "No space left on device" in stopped.err
    assert "free some space, then start the same command again" in stopped.err
    assert "Traceback" not in stopped.err
    assert len(cells(cache)) == 2
    assert not [file for file in cache.rglob(".*") if file.is_file()]
    record = resume(langgeo, whole_run, tmp_path / "run", cache)
    assert record["cells_calibrated"] == 6


def test_the_disk_is_too_full_for_the_log(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: logging.Handler) -> None:
        if isinstance(self, logging.FileHandler):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(logging.StreamHandler, "flush", fail)
    stopped = langgeo("run", tiny_config, "--out", tmp_path / "run")
    assert stopped.code == 1
    assert f"cannot write {tmp_path / 'run' / 'run.log'}: No space left on device" in stopped.err
    assert "Traceback" not in stopped.err


@pytest.mark.parametrize("left", [[], ["run.lock", ".unfinished-1a2b.yaml"]])
def test_killed_before_its_first_file_is_whole(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, left: list[str]
) -> None:
    run = tmp_path / "killed"
    run.mkdir()
    for name in left:
        (run / name).write_text("process 1 on another-host since 2026-11-28")
    assert langgeo("run", own_run.config, "--out", run).code == 0
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    killed = "process 1 on another-host since 2026-11-28 was killed while it worked in this folder"
    assert [killed in one["message"] for one in record["incidents"]] == [True] * bool(left)
    assert not list(run.glob(".unfinished-*"))


def test_a_cell_whose_note_was_not_written_yet_is_not_finished(
    own_run: Finished, langgeo: Langgeo, whole_run: Finished, tmp_path: Path
) -> None:
    sorted((own_run.cache / "cells").rglob("*.json"))[0].unlink()
    record = resume(langgeo, whole_run, tmp_path / "again", own_run.cache)
    assert record["cells_calibrated"] == 1


def test_a_run_folder_that_cannot_be_made_says_so(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    failed = langgeo("run", tiny_config, "--out", tmp_path / "file" / "run")
    assert failed.code == 1
    assert str(tmp_path / "file" / "run") in failed.err
    assert "Traceback" not in failed.err


def test_a_cache_that_cannot_be_written_says_so(
    langgeo: Langgeo, tiny_config: Path, cache: Path, tmp_path: Path
) -> None:
    cache.write_text("a file where the cache should be")
    failed = langgeo("run", tiny_config, "--out", tmp_path / "run")
    assert failed.code == 1
    assert f"cannot write {cache}" in failed.err
