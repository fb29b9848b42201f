"""What an executor promises."""

from __future__ import annotations

from concurrent.futures import Future
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgeo_testing.check import require, skip
from langgeo_testing.components import Contract

SECONDS = 120.0
"""How long an item without work may take."""


def doubled(item: str) -> str:
    """What the checks have done with an item."""
    return item + item


def refused(item: str) -> str:
    """An item that fails."""
    raise ValueError(f"no {item}")


class Executors(Contract):
    """What an executor promises. One that starts workers wants few of them: pass its options."""

    def elsewhere_is_a_function_or_nothing(self) -> None:
        """`elsewhere` gives a function that has cells filled, or None where the run's own process does the work."""
        found = self._elsewhere()
        require(found is None or callable(found), f"elsewhere gives {type(found).__name__}")

    def nothing_is_started_before_there_is_work(self) -> None:
        """`elsewhere` alone leaves no file in the run's folder: a run whose cells are stored needs no worker."""
        with TemporaryDirectory() as folder:
            self._elsewhere(Path(folder))
            require(not list(Path(folder).iterdir()), "elsewhere writes before there are cells to fill")

    def every_item_comes_back(self) -> None:
        """Each submitted item's future has what the function returns, whatever the order."""
        found = [future.result(SECONDS) for future in self._worked[:-1]]
        require(found == ["aa", "bb", "cc"], f"items a, b and c give {found}")

    def an_item_that_fails_says_so(self) -> None:
        """What the function raises is the future's exception, and harms no other item."""
        failure = self._worked[-1].exception(SECONDS)
        require(failure is not None and "no d" in str(failure), f"the exception of the item is {failure!r}")

    def it_can_be_opened_again(self) -> None:
        """After its workers have gone others can be started; `texts`, how many texts an item has, is 1 or more."""
        _ = self._worked
        workers = self.build()
        require(workers.texts is None or workers.texts >= 1, f"texts is {workers.texts!r}")
        with TemporaryDirectory() as folder, workers.open(Path(folder)) as pool:
            require(pool.submit(doubled, "e").result(SECONDS) == "ee", "another item is not worked on")

    def _elsewhere(self, folder: Path = Path()) -> Any:
        return self.build().elsewhere(None, None, folder, True)

    @cached_property
    def _worked(self) -> list[Future[str]]:
        """The finished futures of three items and of one that fails."""
        if self._elsewhere() is None:
            skip("the run's own process does the work")
        with TemporaryDirectory() as folder, self.build().open(Path(folder)) as pool:
            futures = [pool.submit(doubled, item) for item in "abc"]
            futures.append(pool.submit(refused, "d"))
            for future in futures:
                future.exception(SECONDS)
        return futures
