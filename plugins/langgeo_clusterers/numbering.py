"""Cluster numbers that do not depend on what a library happened to call a cluster."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NOISE = -1


def by_first_appearance(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Number the clusters 0, 1, … in the order in which the languages meet them; noise stays -1.

    Examples
    --------
    >>> by_first_appearance(np.array([7, -1, 3, 7, 0]))
    array([ 0, -1,  1,  0,  2])
    """
    renamed = np.full(labels.shape, NOISE, dtype=np.int64)
    placed = labels != NOISE
    _, first, inverse = np.unique(labels[placed], return_index=True, return_inverse=True)
    renamed[placed] = first.argsort().argsort()[inverse]
    return renamed
