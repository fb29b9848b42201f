"""`langgeo` in processes of its own, each forked in milliseconds from one that has imported everything."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tiny_run import Outcome

HERE = Path(__file__).parent
FOREIGN = 99
"""How a command ends that an exception which is none of langgeo's leaves."""
Hook = tuple[Callable[..., None], tuple[Any, ...]]


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    paths = [str(HERE), str(HERE.parent), *filter(None, sys.path)]
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    context.set_forkserver_preload(["warm"])
    from multiprocessing import forkserver

    forkserver.ensure_running()
    os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)
    return context


@dataclass
class Started:
    """A command that runs; `wait` gives how it ended."""

    process: BaseProcess
    printed: Path

    def wait(self, seconds: float = 120.0) -> Ended:
        """Its outcome; one that is not over by then is killed, and hangs."""
        self.process.join(seconds)
        hangs = self.process.is_alive()
        if hangs:
            self.process.kill()
            self.process.join()
        code = self.process.exitcode
        assert code is not None
        took = float((self.printed / "seconds").read_text() or 0) if (self.printed / "seconds").is_file() else 0.0
        out, err = ((self.printed / name).read_bytes().decode(errors="replace") for name in ("out", "err"))
        return Ended(code, out, err, took, hangs)


@dataclass(frozen=True)
class Ended(Outcome):
    """How a command ended, after how many seconds of computing; `code` is minus the signal of one that was killed."""

    seconds: float
    hangs: bool

    @property
    def foreign(self) -> bool:
        """Whether an exception that is none of langgeo's ended it, or a crash."""
        return (self.code not in (0, 1, 2, 130) and self.code != -signal.SIGKILL) or "Traceback (most" in self.err

    @property
    def told(self) -> str:
        return self.out + self.err


def start(words: Sequence[object], place: Path, cache: Path, hook: Hook | None = None) -> Started:
    """Start `langgeo WORDS` in the folder `place` with this cache; `hook` is called first in its process."""
    global _number
    _number += 1
    printed = place / f".printed-{os.getpid()}-{_number}"
    printed.mkdir()
    for name in ("out", "err"):
        (printed / name).touch()  # here, since the process may be killed before it has opened them
    arguments = (tuple(map(str, words)), str(place), str(cache), str(printed), hook)
    process = _server().Process(target=_command, args=arguments)
    process.start()
    return Started(process, printed)


def call(words: Sequence[object], place: Path, cache: Path, hook: Hook | None = None, seconds: float = 120.0) -> Ended:
    """The same, waited for."""
    return start(words, place, cache, hook).wait(seconds)


_number = 0


def _command(words: tuple[str, ...], place: str, cache: str, printed: str, hook: Hook | None) -> None:
    import warm

    for name, descriptor in (("out", 1), ("err", 2)):
        os.dup2(os.open(f"{printed}/{name}", os.O_WRONLY), descriptor)
    code, began = FOREIGN, time.process_time()
    try:
        assert warm.CODES == [0, 0, 0], warm.PRINTED.getvalue()
        os.environ["LANGGEO_CACHE"] = cache
        os.chdir(place)
        if hook:
            hook[0](*hook[1])
        import langgeo_core.cli

        code = langgeo_core.cli._exit_code(list(words))
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        Path(printed, "seconds").write_text(str(time.process_time() - began))
        os._exit(code)


# What may be done to a command: hooks


WRITING = os.O_WRONLY | os.O_RDWR
CHANGES = {"os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "os.link": 1, "os.symlink": 1}
"""The audit events of file changes, with the place of the changed path among their arguments."""


def at_change(root: str, act: Callable[[int, str, str], None]) -> None:
    """Call `act(number, event, path)` before each change of a file below `root`."""
    count = 0

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event == "open":
            path, _, flags = arguments
            if not flags & WRITING:
                return
        elif event in CHANGES:
            path = arguments[CHANGES[event]]
        else:
            return
        path = path.decode() if isinstance(path, bytes) else str(path)
        if path.startswith(root) and "/.printed-" not in path:
            count += 1
            act(count, event, path)

    sys.addaudithook(audit)


def list_changes(root: str, file: str) -> None:
    """Hook: write a line for each file change."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    at_change(root, lambda _, event, path: void(os.write(handle, f"{event} {path}\n".encode())))


def kill_at_change(root: str, number: int) -> None:
    """Hook: no time for anything before the change of this number."""
    at_change(root, lambda count, *_: os.kill(os.getpid(), signal.SIGKILL) if count == number else None)


def full_at_change(root: str, number: int) -> None:
    """Hook: from the change of this number on, the disk is full for whatever needs space."""

    def act(count: int, event: str, path: str) -> None:
        if count >= number and event not in ("os.remove", "os.rmdir"):
            raise OSError(28, os.strerror(28), path)

    at_change(root, act)


def refuse_to_open(file: str) -> None:
    """Hook: this file may not be read."""

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and str(arguments[0]) == file:
            raise PermissionError(13, os.strerror(13), file)

    sys.addaudithook(audit)


def files_at_most(size: int) -> None:
    """Hook: no file may grow beyond so many bytes; what is beyond is cut off, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def void(_: object) -> None:
    """Nothing."""
