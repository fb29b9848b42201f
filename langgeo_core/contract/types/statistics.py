"""What one language did to a model: a cell's numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.types.arrays import Float64


@dataclass(frozen=True)
class InputStatistics:
    """What one language did to one distinct linear input of n features.

    With X the tokens x n inputs, G = XᵀX / tokens and H = G + λI, λ = `damping`:

    gram_diagonal : (n,), diag(G), undamped
    inverse_diagonal : (n,), diag(H⁻¹)
    cholesky_diagonal : (n,), U_jj² with H⁻¹ = UᵀU, U upper triangular (the diagonal of SparseGPT's code)
    language, name : whose statistics these are, and of which input; empty while they are being made
    """

    gram_diagonal: Float64
    inverse_diagonal: Float64
    cholesky_diagonal: Float64
    damping: float
    tokens: int
    language: str = ""
    name: str = ""


@dataclass(frozen=True)
class CellStatistics:
    """All distinct inputs of one cell (model x corpus x language)."""

    language: str
    tokens: int
    inputs: Mapping[str, InputStatistics]


@dataclass(frozen=True, eq=False)
class WeightSums:
    """A cell of a scorer that is not separable, in memory: `sums[matrix]` (rows, columns) over the text's tokens.

    `statistic` names what was summed, as the scorer does.
    """

    language: str
    tokens: int
    statistic: str
    sums: Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True, eq=False)
class WeightStatistics:
    """The same cell on disk: `read(matrix, start, stop)` gives some rows, (stop - start, columns) float32."""

    language: str
    tokens: int
    read: Callable[[str, int, int], NDArray[np.float32]]
