"""How a stage works: on one thread or many, with its progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOG_SECONDS = 10.0
"""How often a log or a pipe gets a new state."""


@contextmanager
def progress(title: str, total: int, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, its state every ten seconds elsewhere, nothing if `quiet`.

    Gives a function to call when one more item is done, with the item's name.
    """
    from tqdm import tqdm

    seconds = 0.1 if sys.stderr.isatty() else LOG_SECONDS
    with tqdm(total=total, desc=title, file=sys.stderr, mininterval=seconds, disable=quiet or not total) as bar:

        def advance(label: str = "") -> None:
            bar.set_postfix_str(label, refresh=False)
            bar.update()

        yield advance


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS and OpenMP to one thread, where many small products would wait for each other more than they work.

    It also makes rounding independent of how many threads there are.
    """
    import scipy.linalg  # noqa: F401  what is to be limited has to be loaded
    import sklearn.utils._openmp_helpers  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
