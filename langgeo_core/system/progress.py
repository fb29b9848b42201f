"""How far a stage is and how long it will take, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

QUIET_SECONDS = 10.0


class Progress(Protocol):
    """What a stage tells."""

    def advance(self, label: str = "") -> None:
        """One more item is done; `label` names it."""


class Silent:
    """Shows nothing."""

    def advance(self, label: str = "") -> None: ...


class _Lines:
    """A line now and then, for logs and pipes."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total, self.done = title, total, 0
        self.started = time.monotonic()
        self.shown = self.started

    def advance(self, label: str = "") -> None:
        self.done += 1
        now = time.monotonic()
        if self.done == self.total or now - self.shown >= QUIET_SECONDS:
            self.shown = now
            left = (now - self.started) / self.done * (self.total - self.done)
            print(f"{self.title} {self.done}/{self.total} {label}, {duration(left)} left", file=sys.stderr, flush=True)


class _Bar:
    def __init__(self, title: str, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[label]}"),
            console=Console(stderr=True),
        )
        self.task = self.bar.add_task(title, total=total, label="")

    def advance(self, label: str = "") -> None:
        self.bar.update(self.task, advance=1, label=label)


@contextmanager
def progress(title: str, total: int, quiet: bool = False) -> Iterator[Progress]:
    """A bar on a terminal, a line every few seconds elsewhere, nothing if `quiet`."""
    if quiet or total == 0:
        yield Silent()
    elif sys.stderr.isatty():
        shown = _Bar(title, total)
        with shown.bar:
            yield shown
    else:
        yield _Lines(title, total)


def duration(seconds: float) -> str:
    """Seconds in words.

    Examples
    --------
    >>> duration(4.21), duration(40), duration(200), duration(2400), duration(7500), duration(3e8)
    ('4.2 s', '40 s', '3 min 20 s', '40 min', '2 h 5 min', '3,472 days')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole >= 4 * 86400:
        return f"{whole / 86400:,.0f} days"
    larger, smaller, whole = ("min", "s", whole) if whole < 3600 else ("h", "min", whole // 60)
    first, rest = divmod(whole, 60)
    return f"{first} {larger} {rest} {smaller}" if rest else f"{first} {larger}"
