"""Which scores of sorted columns stand for all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GOLDEN = 0.6180339887498949
"""Its multiples fill the unit interval evenly, whatever their number."""


def places(rows: int, columns: int, stride: int) -> tuple[NDArray[np.int64], float]:
    """(columns, n) ranks in ascending columns, one of each stretch of about `stride`, and how many each stands for.

    Where in its stretch differs from column to column, or columns that are alike would be off in the same direction.
    """
    strata = -(-rows // stride)
    aside = (np.arange(columns) * GOLDEN) % 1.0
    chosen = ((np.arange(strata) + aside[:, None]) * rows / strata).astype(np.int64)
    return np.minimum(chosen, rows - 1), rows / strata
