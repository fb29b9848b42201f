"""Which weight matrices of a network the distances of a run are summed over, and the distances that these make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langgeo_core.config.schema import PartsSettings
from langgeo_core.contract.protocols import Distance
from langgeo_core.planning.needs import Chosen, Matrices, taking_part
from langgeo_core.storage.run_folder import Run

Float64 = NDArray[np.float64]


def summed_in(run: Run, matrices: Matrices) -> Chosen:
    """(matrices,) which of a model's weight matrices the distances of a run are summed over."""
    if run.record.get("compared") == "parts":
        return np.ones(len(matrices), dtype=bool)
    return taking_part(matrices, PartsSettings(**run.record.get("parts", {})))


def distances_of(partials: Float64, matrices: Matrices, distance: Distance, chosen: Chosen) -> Float64:
    """(languages, languages) distances over some weight matrices.

    Parameters
    ----------
    partials : (matrices, terms, languages, languages), as `Distance.partial` makes them
    chosen : (matrices,) which of them are summed, at least one
    """
    size = sum(matrix.size for matrix, taken in zip(matrices, chosen, strict=True) if taken)
    total = partials.sum(axis=0) if chosen.all() else np.tensordot(chosen.astype(np.float64), partials, 1)
    return finished(total, distance, size)


def finished(total: Float64, distance: Distance, size: int) -> Float64:
    """(languages, languages) distances from the (terms, languages, languages) sums over `size` weights."""
    values = distance.finish(total, size)
    # Rounding differs between the two triangles, and is seen on the diagonal.
    both: Float64 = (values + values.T) / 2
    np.fill_diagonal(both, 0.0)
    return both
