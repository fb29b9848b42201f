"""From a run to its workers: items are submitted, and again where they fail."""

from __future__ import annotations

import json
import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from langgeo_core.api import Incident, LanggeoError, Plan, PlannedCell, Store, UserError, progress
from langgeo_executors.items import Item, comparisons, items
from langgeo_executors.worker import fill

log = logging.getLogger("langgeo.executors")
TRIES = 3
"""How often an item is worked on before it is given up."""


class Pool(Protocol):
    """What works on items; any `concurrent.futures.Executor` is one."""

    def submit(self, function: Callable[[str], str], item: str, /) -> Future[str]:
        """Have `function(item)` called, in this process or another. The future may be cancelled before it runs."""


class Here:
    """Works on an item where and when it is submitted."""

    def submit(self, function: Callable[[str], str], item: str, /) -> Future[str]:
        """As `concurrent.futures.Executor.submit`."""
        future: Future[str] = Future()
        try:
            future.set_result(function(item))
        except Exception as failure:
            future.set_exception(failure)
        return future


class Workers(ABC):
    """An executor that hands items to workers; one of another plugin has `open` and `texts`, and needs no more.

    Attributes
    ----------
    texts : how many texts an item has at most; None: by forecast
    workers : how many items are worked on at one time, as far as that is known
    """

    texts: int | None = None
    workers: int = 8

    @abstractmethod
    def open(self, folder: Path) -> AbstractContextManager[Pool]:
        """Something with the `submit` of `concurrent.futures.Executor`, for as long as the context lasts.

        What it leaves behind goes below `folder`, that of the run. Raises UserError if there can be no workers.
        """

    def elsewhere(
        self, plan: Plan, store: Store, folder: Path, quiet: bool
    ) -> Callable[[Sequence[PlannedCell]], list[Incident]]:
        """As `protocols.Executor`."""

        def fill_all(cells: Sequence[PlannedCell]) -> list[Incident]:
            texts = len({(cell.model, cell.corpus, cell.language) for cell in cells})
            with self.open(folder) as pool, progress("calibrate", texts, quiet) as advance:
                wanted = items(plan, store, cells, self.texts, self.workers)
                incidents = hand_out(pool, fill, wanted, advance)
            if store.remote:
                store.remote.look_again()
            for cell in cells:
                if store.first(cell.keys) is None:
                    message = f"{cell.model}, {cell.corpus}, {cell.language}: workers did not fill its cell"
                    raise LanggeoError(message, f"see whether they write to {store.folder}")
            return incidents

        return fill_all

    def compare(self, plan: Plan, store: Store, folder: Path, quiet: bool, wanted: Collection[tuple[str, str]]) -> None:
        """As `protocols.ComparingExecutor`."""
        found = list(comparisons(plan, store, wanted))
        texts = sum(len(item.addresses) for item in found)
        with self.open(folder) as pool, progress("compare", texts, quiet) as advance:
            hand_out(pool, fill, found, advance)
        if store.remote:
            store.remote.look_again()


def hand_out(
    pool: Pool, function: Callable[[str], str], wanted: Iterable[Item], advance: Callable[[str], None]
) -> list[Incident]:
    """Have a function called with the text of each item, and give what did not go as configured.

    Parameters
    ----------
    function : at the top of a module, so that workers find it; it gives what `worker.answered` does
    advance : called with what was done, for each language of each item

    Raises
    ------
    LanggeoError
        If a worker refuses an item, or items were given up after `TRIES` failures each; the others are done then.
    """
    return _Spread(pool, function, advance).all(wanted)


class _Spread:
    """Items at work; one that fails is submitted again, and after `TRIES` failures the others are still done."""

    def __init__(self, pool: Pool, function: Callable[[str], str], advance: Callable[[str], None]) -> None:
        self._pool, self._function, self._advance = pool, function, advance
        self._running: dict[Future[str], Item] = {}
        self._done: SimpleQueue[Future[str]] = SimpleQueue()
        self._tries: Counter[Item] = Counter()
        self._workers: set[str] = set()
        self._incidents: list[Incident] = []
        self._given_up: dict[Item, Exception] = {}

    def all(self, wanted: Iterable[Item]) -> list[Incident]:
        """As `hand_out`."""
        try:
            for item in wanted:
                self._submit(item)
                while not self._done.empty():  # of a pool that works at once, before the next item
                    self._take()
            while self._running:
                self._take()
        finally:
            for future in self._running:
                future.cancel()
        if self._given_up:
            failures = self._given_up.items()
            listed = "; ".join(f"{item} ({type(failure).__name__}: {failure})" for item, failure in failures)
            message = f"given up after {TRIES} failures each: {listed}"
            raise LanggeoError(message, "all others are in the store: mend this, then start the same command again")
        return self._incidents

    def _take(self) -> None:
        """Read the answer of the next item that is done, or submit it again."""
        future = self._done.get()
        item = self._running.pop(future)
        try:
            self._incidents += self._read(item, json.loads(future.result()))
        except LanggeoError:
            raise
        except Exception as failure:
            if self._tries[item] < TRIES:
                log.info("submitted again: %s (%s: %s)", item, type(failure).__name__, failure)
                self._submit(item)
            else:
                self._given_up[item] = failure

    def _submit(self, item: Item) -> None:
        self._tries[item] += 1
        future = self._pool.submit(self._function, item.text)
        self._running[future] = item
        future.add_done_callback(self._done.put)

    def _read(self, item: Item, answer: Mapping[str, Any]) -> list[Incident]:
        """What did not go as configured; raises where the worker refused."""
        if "refused" in answer:
            error = UserError if answer["code"] == UserError.exit_code else LanggeoError
            raise error(f"{item}: {answer['refused']}", answer["hint"])
        self._workers.add(answer["by"])
        log.info("%s %s of %s", answer["by"], answer["did"], item)
        for language in item.addresses:
            self._advance(f"{item.corpus} {language}, workers: {len(self._workers)}")
        return [Incident(**incident) for incident in answer["incidents"]]
