"""Variants side by side, each in a process of its own with one thread.

Calibration uses every processor by itself. What comes after it is one thread's work, much of it in Python, so that
threads would take turns and processes do not. Starting one takes seconds: variants that are done sooner do not pay.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgeo_core.config.resolved import ResolvedConfig
    from langgeo_core.evaluation.baselines import Memo

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
SHORTEST = 30.0
"""Seconds after calibration that a variant takes at least for a process of its own to pay; one starts in about five.

Variants of Gemma 3 270M stay below (2 s with 12 languages, 10 s with 126), those of models of billions of weights do
not.
"""


@dataclass(frozen=True)
class Task:
    """One variant for a worker: `file` is its whole config, `start` the stage to begin at in `folder`."""

    file: Path
    folder: Path
    start: str


@dataclass(frozen=True)
class Done:
    """What a worker says of a task: run.json and the baselines it knows now, or why there is none."""

    record: dict[str, Any] = field(default_factory=dict)
    baselines: Memo = field(default_factory=dict)
    failure: str = ""
    trace: str = ""


def processors() -> int:
    """How many processes may work at once: what `--threads` or OMP_NUM_THREADS says, else the processors there are."""
    wanted = os.environ.get(THREADS[0], "")
    return int(wanted) if wanted.isdecimal() and int(wanted) else len(os.sched_getaffinity(0))


def side_by_side(tasks: Sequence[Task], known: Memo) -> Iterator[tuple[Task, Done]]:
    """(task, what came of it) as they are done. After Ctrl-C nothing new is begun.

    Raises
    ------
    StorageError
        If a file could not be written: no property of one variant.
    """
    workers = min(processors(), len(tasks))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare) as pool:
        futures = {pool.submit(_work, task, known): task for task in tasks}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _prepare() -> None:
    """One thread, before anything is imported that asks; Ctrl-C ends a worker without a word, as the parent speaks."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))


def _work(task: Task, known: Memo) -> Done:
    from langgeo_ablation.variants import one_line
    from langgeo_core.contract.errors import StorageError
    from langgeo_core.pipeline import run as pipeline

    memo = dict(known)
    try:
        config = _read(task.file)
        record = pipeline.run(config, task.folder, task.start, quiet=True, reload=_read, memo=memo)
    except StorageError:
        raise
    except Exception as failure:
        return Done(failure=one_line(failure), trace=traceback.format_exc())
    return Done(record, memo)


def _read(file: Path) -> ResolvedConfig:
    """A config with nothing left to any catalog."""
    from langgeo_core.config.catalog import Catalog
    from langgeo_core.config.load import load_config
    from langgeo_core.plugins.registry import installed

    return load_config(str(file), (), installed(), Catalog())
