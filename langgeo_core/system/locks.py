"""Locks between processes. The system frees a lock when its owner dies, however it dies."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from langgeo_core.contract.errors import UserError, storage_errors
from langgeo_core.system.files import UNFINISHED

if TYPE_CHECKING:
    from filelock import SoftFileLease

    from langgeo_core.contract.types import Incident

RUN_LOCK = "run.lock"
"""In a run folder while a command writes there, and after one was killed."""
CLAIM = ".claim"
LAPSES = 120.0
"""Seconds without a sign of life, by the clock of who waits, after which a claim of another machine is taken over."""

NAMELESS = 45.0
"""Seconds after which a claim without its owner's name is of a process that was killed while making it. Over NFS a name
that was written may be seen half a minute later."""
_nameless: dict[Path, tuple[tuple[int, int], float]] = {}
"""Since when claims without a name have been seen unchanged."""


class Lock(NamedTuple):
    """Whether this process has a lock, and which process has it or, where it is held, was killed while it had it."""

    held: bool
    owner: str


@contextmanager
def locking(file: Path, wait: bool = False) -> Iterator[Lock]:
    """Try to take the lock that a file stands for. At the end it is free, and the file removed.

    Where the file system has no locks, the library takes the file's existence for one.

    Parameters
    ----------
    wait : until the process that has it ends or dies

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    from filelock import FileLock, Timeout

    with storage_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_file() and file.stat().st_nlink > 1:
            file.unlink()  # also the name of a file elsewhere, which the lock's owner would be written to
        lock = FileLock(file, poll_interval=0.2)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if wait:
                logging.getLogger("langgeo.notice").info("waiting for %s to finish %s", _owner(file), file.name)
                lock.acquire()
    if not lock.is_locked:
        yield Lock(False, _owner(file) or "another process")
        return
    try:
        killed = ""
        if type(lock) is FileLock:
            now, killed = datetime.now().astimezone().isoformat(" ", "seconds"), _owner(file)
            with suppress(OSError):
                file.write_text(f"{this_process()} since {now}", encoding="utf-8")
        yield Lock(True, killed)
    finally:
        with suppress(OSError):
            file.unlink()  # before it is free: who opened it finds that it is gone, and makes it anew
        lock.release()


def claim_on(file: Path) -> SoftFileLease:
    """A claim on work that many machines may do: a file that must not be there before, renewed while its owner lives.

    It needs no locks of the file system, so it holds over NFS and Lustre. That of a process that died on this machine
    is taken over at once, that of another machine when whoever asks again and again with one and the same claim has
    seen no sign of life for `LAPSES` seconds. An owner that was only slow does the work as well: it is the same work.
    """
    from filelock import SoftFileLease

    with storage_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        _clear_nameless(file)
    return SoftFileLease(file, lease_duration=LAPSES, blocking=False, thread_local=False)


def _clear_nameless(file: Path) -> None:
    """Remove a claim that its owner was killed before writing into; the library would wait for its owner for ever."""
    with suppress(FileNotFoundError):
        found = file.stat()
        now, state = time.monotonic(), (found.st_ino, found.st_mtime_ns)
        before, since = _nameless.pop(file, (state, now))
        if found.st_size == 0:
            _nameless[file] = state, since if before == state else now
            if now - _nameless[file][1] > NAMELESS:
                file.unlink()


def this_process() -> str:
    """`process 712 on HOST`."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def _owner(file: Path) -> str:
    with suppress(OSError, ValueError):
        return " ".join(file.read_text(encoding="utf-8").split())
    return ""


@contextmanager
def alone_in(folder: Path) -> Iterator[list[Incident]]:
    """Keep other commands from writing in a run folder, which is made if missing; gives what is to be recorded of that.

    Raises
    ------
    UserError
        If another command is at work in it.
    """
    from langgeo_core.contract.types import Incident

    new = not folder.exists()
    try:
        with locking(folder / RUN_LOCK) as lock:
            if not lock.held:
                raise UserError(f"{folder} is in use by {lock.owner}", "wait until it has ended, or use another folder")
            message = f"{lock.owner} was killed while it worked in this folder; its lock was taken over"
            yield [Incident("plan", message)] if lock.owner else []
    finally:
        if new:
            with suppress(OSError):
                folder.rmdir()  # where nothing was written


def is_empty(folder: Path) -> bool:
    """Whether a folder holds nothing but locks and what is unfinished."""
    return all(path.name == RUN_LOCK or path.name.startswith(UNFINISHED) for path in folder.iterdir())


def remove_leftovers(folder: Path) -> int:
    """Remove what killed processes left unfinished below a folder, and return how many files and folders that was.

    What a living process makes is locked or claimed, and stays.
    """
    from filelock import FileLock, Timeout

    removed = 0
    for path in [path for path in folder.rglob(f"{UNFINISHED}*") if not path.is_symlink()]:
        inside, claimed = path.is_dir(), path.suffix == CLAIM
        lock = FileLock(f"{path}.lock" if inside else path, blocking=False, fallback_to_soft=False)
        with suppress(OSError, Timeout), claim_on(path) if claimed else lock:
            if inside:
                shutil.rmtree(path)
            if not claimed:  # one that could be had goes by itself
                Path(lock.lock_file).unlink()
            removed += 1
    return removed
