"""One thread for many small products: threads within them would wait for each other more than they work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS and OpenMP to one thread, which also makes rounding independent of how many there are."""
    import scipy.linalg  # noqa: F401  what is to be limited has to be loaded
    import sklearn.utils._openmp_helpers  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
