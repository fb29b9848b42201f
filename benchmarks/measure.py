"""Timing of several ways of doing one thing, in turns, and the record of what came out."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROUNDS = 3


@dataclass(frozen=True)
class Result:
    """One row of results.json.

    `ratio` is how many times better than the reference; `target` is None where none was set; `equal` is True only
    where this very run compared the results of both ways. `note` says how it was measured.
    """

    name: str
    ratio: float
    target: float | None
    equal: bool
    unit: str
    note: str


@dataclass
class Timings:
    """Seconds of every round of one way, and what it returned last."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    value: Any = None

    @property
    def seconds(self) -> float:
        return median(self.wall)

    @property
    def cpu_seconds(self) -> float:
        return median(self.cpu)


def interleaved(ways: Mapping[str, Callable[[], Any]], rounds: int = ROUNDS) -> dict[str, Timings]:
    """Run the ways in turns, A B A B …, so that a disturbance of the machine meets all of them."""
    timings = {name: Timings() for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            timings[name].value = way()
            timings[name].wall.append(time.perf_counter() - wall)
            timings[name].cpu.append(time.process_time() - cpu)
    return timings


def ratio(timings: Mapping[str, Timings], reference: str = "plain", ours: str = "ours") -> float:
    """How many times less wall time ours takes."""
    return timings[reference].seconds / timings[ours].seconds


def how(rounds: int, threads: int | str) -> str:
    """The end of every note: rounds, threads and machine."""
    return f"medians of {rounds} interleaved rounds, threads: {threads}, {machine()}"


def machine() -> str:
    """The processor's name, how many of it this process may use, and instructions that OpenBLAS is held to."""
    held = os.environ.get("OPENBLAS_CORETYPE")
    return f"{processor()}, {cores()} cores{f', OpenBLAS held to {held}' if held else ''}"


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The processor's name; virtual machines often hide it, so its features of note stand beside."""
    listing = Path("/proc/cpuinfo")
    if not listing.is_file():
        return platform.processor() or platform.machine()
    text = listing.read_text(encoding="utf-8")
    named = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return f"{named[0] if named else platform.machine()}{' with AVX-512' if 'avx512f' in text else ''}"


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let torch and BLAS use `count` threads."""
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)
