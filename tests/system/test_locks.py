"""Locks between processes: who has one, what is left of one that was killed, what is cleared away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from langgeo_core.contract.errors import UserError
from langgeo_core.storage.store import Store
from langgeo_core.system import locks
from langgeo_core.system.files import replacing
from langgeo_core.system.locks import RUN_LOCK, alone_in, is_empty, locking, remove_leftovers

HOLD = """
import sys
from pathlib import Path
from langgeo_core.system import locks
from langgeo_core.system.files import replacing
from langgeo_core.system.locks import alone_in

folder = Path(sys.argv[1])
with alone_in(folder), replacing(folder / "table.csv") as scratch:
    scratch.write_text("half of")
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process at work in a folder, until the block ends."""
    words = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()


def test_a_folder_in_use_is_refused_with_who_is_at_work_there(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with another(folder) as process:
        with pytest.raises(UserError) as refused, alone_in(folder):
            pass
        assert f"{folder} is in use by process {process.pid} on {os.uname().nodename} since 20" in str(refused.value)
        assert remove_leftovers(folder) == 0
    assert [file.name for file in folder.iterdir()] == ["table.csv"]
    with alone_in(folder) as incidents:
        assert incidents == []


def test_what_a_killed_process_left_is_taken_over_and_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with another(folder) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert is_empty(folder)
    assert len(list(folder.iterdir())) == 2
    with alone_in(folder) as (incident,):
        assert f"process {process.pid} on {os.uname().nodename} since 20" in incident.message
        assert remove_leftovers(folder) == 1
        assert [file.name for file in folder.iterdir()] == [RUN_LOCK]
    assert list(folder.iterdir()) == []


CLAIM_IT = """
import sys
import filelock._identity, filelock._marker
from pathlib import Path
from langgeo_core.system import locks

if sys.argv[2]:
    for module in (filelock._identity, filelock._marker):
        module.host_name = lambda: sys.argv[2]
locks.LAPSES = 2.0
claim = locks.claim_on(Path(sys.argv[1]))
claim.acquire()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("host", ["", "another-machine"])
def test_a_claim_is_taken_over_when_its_owner_has_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr("langgeo_core.system.locks.LAPSES", 2.0)
    store, file = Store(tmp_path), tmp_path / "cells" / "ab" / ".unfinished-abcd.claim"
    words = [sys.executable, "-c", CLAIM_IT, str(file), host]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        until = time.monotonic() + (3 if host else 0.3)
        while time.monotonic() < until:  # longer than it lasts: its owner renews it
            with store.claim("abcd") as mine:
                assert not mine
            time.sleep(0.1)
        assert remove_leftovers(tmp_path) == 0
        process.kill()
        process.wait()
    died = time.monotonic()
    with store.claim("abcd") as mine:
        assert mine == (not host), "nobody here can tell whether a process elsewhere has died"
    while not mine:
        time.sleep(0.1)
        with store.claim("abcd") as mine:
            pass
    assert time.monotonic() - died < 30
    with store.claim("abcd") as mine, Store(tmp_path).claim("abcd") as second:
        assert (mine, second) == (True, False)
    assert list(file.parent.iterdir()) == []


def test_a_claim_whose_owner_was_killed_before_it_wrote_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, file = Store(tmp_path), tmp_path / "cells" / "ab" / ".unfinished-abcd.claim"
    file.parent.mkdir(parents=True)
    file.touch()
    clock = [0.0]
    monkeypatch.setattr(locks.time, "monotonic", lambda: clock[0])

    def asked(seconds: float) -> bool:
        clock[0] += seconds
        with store.claim("abcd") as mine:
            return mine

    assert not asked(0)
    assert not asked(locks.NAMELESS - 1)
    os.utime(file, (1, 1))  # a sign of life
    assert not asked(2)
    assert not asked(locks.NAMELESS - 1)
    assert asked(2)
    assert not file.exists()


def test_a_claim_that_was_left_is_cleared_away(tmp_path: Path) -> None:
    file = tmp_path / ".unfinished-abcd.claim"
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM_IT, str(file), ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        process.kill()
    assert file.exists()
    assert remove_leftovers(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_one_process_has_a_lock_once(tmp_path: Path) -> None:
    with locking(tmp_path / "lock") as mine, locking(tmp_path / "lock") as again:
        assert (mine.held, again.held) == (True, False)
        assert f"process {os.getpid()} " in again.owner
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_made_for_nothing_is_removed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone_in(tmp_path / "new"):
        raise ZeroDivisionError
    assert not (tmp_path / "new").exists()


def test_unfinished_folders_go_with_their_makers(tmp_path: Path) -> None:
    for name in ("dead", "alive"):
        (tmp_path / f".unfinished-{name}").mkdir()
        (tmp_path / f".unfinished-{name}" / "weights").write_text("half of")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".unfinished-link").symlink_to(tmp_path / "elsewhere")
    with locking(tmp_path / ".unfinished-alive.lock"), replacing(tmp_path / "table.csv"):
        assert remove_leftovers(tmp_path) == 1
    left = {".unfinished-alive", ".unfinished-link", "elsewhere", "table.csv"}
    assert {path.name for path in tmp_path.iterdir()} == left


def test_where_there_are_no_locks_a_file_keeps_others_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise OSError(38, os.strerror(38))

    monkeypatch.setattr("filelock._unix.lock_fd_nonblocking", refuse)
    with pytest.warns(UserWarning, match="flock not supported"), alone_in(tmp_path):
        with pytest.raises(UserError, match=str(os.getpid())), alone_in(tmp_path):
            pass
        (tmp_path / ".unfinished-1").write_text("perhaps of a living process")
        assert remove_leftovers(tmp_path) == 0
