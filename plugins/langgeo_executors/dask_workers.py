"""The executor `dask`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from langgeo_core.api import UserError
from langgeo_executors.options import DaskOptions
from langgeo_executors.workers import TRIES, Pool, Workers

notice = logging.getLogger("langgeo.notice")


class Dask(Workers):
    """Workers of dask.distributed: a scheduler's, wherever they are, or processes that are started here."""

    def __init__(self, options: DaskOptions) -> None:
        self._options = options
        self.texts, self.workers = options.texts, options.workers

    @contextmanager
    def open(self, folder: Path) -> Iterator[Pool]:
        """The workers of the scheduler.

        Raises
        ------
        UserError
            If the scheduler does not answer in time, or has no worker.
        """
        from distributed import Client

        options = self._options
        with ExitStack() as opened:
            where = options.address
            try:
                where = where or opened.enter_context(self._started())
                client = opened.enter_context(Client(where, timeout=options.timeout, set_as_default=False))
                client.wait_for_workers(1, timeout=options.timeout)
            except (OSError, TimeoutError, ValueError, RuntimeError) as failure:
                if options.address is None:
                    raise UserError(f"dask cannot start workers here: {failure}", "set executor.workers=1") from failure
                message = f"no answer of a scheduler with a worker at {options.address} in {options.timeout:g} seconds"
                hint = "check executor.address, or start `dask worker ADDRESS`"
                raise UserError(f"{message}: {failure}", hint) from failure
            self.workers = len(client.nthreads())
            notice.info("dask: %d workers; its dashboard: %s", self.workers, client.dashboard_link)
            needed = {"resources": options.resources} if options.resources else {}
            yield client.get_executor(pure=False, **needed)

    def _started(self) -> Any:
        """Workers on this machine; one that dies while it starts makes dask give up, so it is tried again."""
        from distributed import LocalCluster

        tries = 0
        while True:
            tries += 1
            try:
                return LocalCluster(
                    n_workers=self._options.workers,
                    threads_per_worker=1,
                    dashboard_address=":0",
                    silence_logs=logging.ERROR,
                    resources=self._options.resources or None,
                )
            except RuntimeError:
                if tries == TRIES:
                    raise
