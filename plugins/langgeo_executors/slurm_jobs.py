"""The executor `slurm`."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from langgeo_core.api import UserError
from langgeo_executors.options import SlurmOptions
from langgeo_executors.workers import Here, Pool, Workers

Function = Callable[[str], str]


class Slurm(Workers):
    """Jobs by submitit: an array of Slurm, or processes of this machine.

    A job that is preempted or reaches its limit goes back into the queue, and finds in the store what it has done.
    """

    def __init__(self, options: SlurmOptions) -> None:
        self._options = options
        self.texts, self.workers = options.texts, options.jobs

    @contextmanager
    def open(self, folder: Path) -> Iterator[Pool]:
        """Jobs whose scripts and logs are in `folder/jobs`, which is removed where no job failed.

        Raises
        ------
        UserError
            If there is no Slurm.
        """
        options = self._options
        if options.cluster == "debug":
            yield Here()
            return
        from submitit import AutoExecutor

        if options.cluster == "slurm" and shutil.which("sbatch") is None:
            hint = "run this on a machine of the cluster, or set executor.cluster=local"
            raise UserError("there is no Slurm here: no command sbatch", hint)
        logs = folder / "jobs"
        executor = AutoExecutor(folder=logs, cluster=options.cluster)
        executor.update_parameters(
            name="langgeo",
            timeout_min=options.minutes,
            gpus_per_node=options.gpus,
            cpus_per_task=options.cpus,
            mem_gb=options.memory,
            slurm_array_parallelism=options.jobs,
            slurm_setup=list(options.setup),
            **({"slurm_partition": options.partition} if options.partition else {}),
            **({"slurm_additional_parameters": options.more} if options.more else {}),
        )
        pool = _Jobs(executor, options.jobs, options.cluster == "slurm")
        try:
            yield pool
        finally:
            pool.close()
        if not pool.failed:
            shutil.rmtree(logs, ignore_errors=True)


class Requeued:
    """A function that is called again with the same item after a job was interrupted."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def __call__(self, item: str) -> str:
        """What the function returns."""
        return self.function(item)

    def checkpoint(self, item: str) -> Any:
        """The job to put into the queue instead of the interrupted one."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, item)


class _Jobs:
    """Hands submitted items to submitit and watches the jobs; as an array where Slurm limits how many run at once."""

    def __init__(self, executor: Any, most: int, array: bool) -> None:
        self._executor, self._most, self._array = executor, most, array
        self._waiting: deque[tuple[Future[str], Function, str]] = deque()
        self._running: dict[Future[str], Any] = {}
        self._lock, self._closed, self.failed = Lock(), Event(), False
        self._watcher = Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def submit(self, function: Function, item: str, /) -> Future[str]:
        """As `concurrent.futures.Executor.submit`."""
        future: Future[str] = Future()
        with self._lock:
            self._waiting.append((future, function, item))
        return future

    def close(self) -> None:
        """Cancel what still runs."""
        self._closed.set()
        self._watcher.join()
        for job in self._running.values():
            job.cancel(check=False)

    def _watch(self) -> None:
        while not self._closed.wait(0.5):
            self._start()
            for future, job in list(self._running.items()):
                try:
                    if not job.done():
                        continue
                except Exception as failure:  # Slurm cannot say how the job is: whoever waits for it has to know
                    self.failed = True
                    future.set_exception(failure)
                else:
                    self._finish(future, job)
                del self._running[future]

    def _start(self) -> None:
        with self._lock:
            free = len(self._waiting) if self._array else self._most - len(self._running)
            taken = [self._waiting.popleft() for _ in range(min(free, len(self._waiting)))]
        begun = [one for one in taken if one[0].set_running_or_notify_cancel()]
        if not begun:
            return
        for function in dict.fromkeys(one[1] for one in begun):
            futures, items = zip(*((future, item) for future, own, item in begun if own is function), strict=True)
            try:
                jobs = self._executor.map_array(Requeued(function), items)
            except Exception as failure:  # sbatch refused them
                self.failed = True
                for future in futures:
                    future.set_exception(failure)
            else:
                self._running.update(zip(futures, jobs, strict=True))

    def _finish(self, future: Future[str], job: Any) -> None:
        try:
            future.set_result(job.result())
        except Exception as failure:  # of the job: killed, out of time, or what the function raised
            self.failed = True
            lines = [
                line
                for line in str(failure).partition("-" * 20 + "\nYou can check")[0].splitlines()
                if line.strip("- ")
            ]
            future.set_exception(RuntimeError(f"{lines[-1] if lines else failure}; see {job.paths.stderr}"))
