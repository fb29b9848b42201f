"""Intervals over the choice of text, from the replicates of the texts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Run

Float64 = NDArray[np.float64]
STUDENT_95 = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448,
    2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
)  # fmt: skip
"""The 97.5 % point of Student's t for 1 to 20 degrees of freedom; scipy has it, and takes a quarter of a second."""


def left_out_of(run: Run) -> Float64 | None:
    """(R, languages, languages) float64 distances of a run without each replicate of the texts, NaN where missing.

    None where it has no three replicates of every language.
    """
    replicates = run.replicates
    if replicates is None or replicates.count < 3 or {*run.distances.ids} - {*replicates.languages}:
        return None
    left = (replicates.without(number).subset(run.distances.ids).values for number in range(replicates.count))
    return np.stack(list(left))


def half_width(without_each: Float64) -> float:
    """Half of a mean's 95 % interval by the jackknife (Tukey 1958), with R − 1 degrees of freedom.

    Parameters
    ----------
    without_each : (R,) its values without each of the R pieces
    """
    count = len(without_each)
    error = np.sqrt((count - 1) / count * np.sum((without_each - without_each.mean()) ** 2))
    return float(STUDENT_95[min(count - 2, len(STUDENT_95) - 1)] * error)
