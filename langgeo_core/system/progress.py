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
