"""Shuffles of the labels among languages of the same script, for the null that knows the script."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import one_script

Int64 = NDArray[np.int64]


def shuffles_within(scripts: Sequence[str], count: int, rng: np.random.Generator) -> Int64 | None:
    """(count, n): random orders of n languages in which each place keeps its script.

    None where nothing is known of the scripts, or no two languages share one. A language of unknown script shares
    with those alike.
    """
    known = np.array([one_script(script) for script in scripts])
    names, sizes = np.unique(known, return_counts=True)
    if not any(names) or sizes.max() < 2:
        return None
    orders = np.tile(np.arange(len(known), dtype=np.int64), (count, 1))
    for name in names:
        places = np.flatnonzero(known == name)
        orders[:, places] = rng.permuted(np.tile(places, (count, 1)), axis=1)
    return orders
