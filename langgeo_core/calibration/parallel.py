"""Cells side by side, one processor thread each; or one after the other.

A cell's arithmetic is many small matrix products: threads within one of them wait for each other more than they
work, threads over cells do not. It also makes a cell's numbers independent of how many threads there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[tuple[Item, Result]]:
    """(item, work(item)) as they are done, in any order. After a failure or Ctrl-C nothing new is begun."""
    with _single_threaded() as threads, ThreadPoolExecutor(max(1, min(threads, len(items)))) as pool:
        futures = {pool.submit(work, item): item for item in items}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def one_by_one(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[tuple[Item, Result]]:
    """(item, work(item)) in their order, each with all threads: for what is too large to be in memory twice."""
    for item in items:
        yield item, work(item)


@contextmanager
def _single_threaded() -> Iterator[int]:
    """Keep torch and BLAS to one thread each; gives how many threads torch had."""
    import torch
    from threadpoolctl import threadpool_limits

    import langgeo_core.calibration.lapack  # noqa: F401  its BLAS has to be loaded to be limited

    threads: int = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield threads
    finally:
        torch.set_num_threads(threads)
