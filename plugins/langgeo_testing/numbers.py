"""Numbers compared, with a sentence on the worst of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langgeo_testing.check import require


def same(what: str, found: ArrayLike, expected: ArrayLike, tolerance: float = 0.0) -> None:
    """Require equal arrays, NaN included, up to a share of the largest expected number."""
    one, other = np.asarray(found), np.asarray(expected)
    require(one.shape == other.shape, f"{what}: shape {one.shape} instead of {other.shape}")
    gaps = np.isnan(one) if one.dtype.kind == "f" else np.zeros(one.shape, dtype=bool)
    wanted = np.isnan(other) if other.dtype.kind == "f" else np.zeros(other.shape, dtype=bool)
    require(bool((gaps == wanted).all()), f"{what}: {gaps.sum()} entries are NaN instead of {wanted.sum()}")
    if not one.size:
        return
    known = np.where(wanted, 0, other).astype(np.float64)
    off = np.abs(np.where(gaps, 0, one) - known)
    worst = np.unravel_index(int(np.argmax(np.nan_to_num(off, nan=np.inf))), off.shape)
    allowed = tolerance * float(np.abs(known).max())
    place = f"[{', '.join(map(str, worst))}]" if worst else ""
    require(bool(off[worst] <= allowed), f"{what}{place} is {one[worst]!s} instead of {other[worst]!s}")


def finite(what: str, found: NDArray[Any]) -> None:
    """Require numbers that are neither infinite nor NaN."""
    bad = np.count_nonzero(~np.isfinite(found))
    require(bad == 0, f"{bad} of {found.size} numbers of {what} are infinite or NaN")


def array(what: str, found: Any, shape: tuple[int, ...], kinds: str = "f") -> NDArray[Any]:
    """Require a numpy array of the shape, with a dtype of these kinds: `f` floating, `i` and `u` whole."""
    require(isinstance(found, np.ndarray), f"{what} is {type(found).__name__}, no numpy array")
    require(found.shape == shape, f"{what} has shape {found.shape} instead of {shape}")
    require(found.dtype.kind in kinds, f"{what} has dtype {found.dtype}")
    kept: NDArray[Any] = found
    return kept


class Untouched:
    """Arrays as they are now, to see later whether they still are."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = dict(arrays)
        self._before = {name: values.copy() for name, values in arrays.items()}

    def check(self) -> None:
        """Require that nothing changed."""
        changed = [name for name, before in self._before.items() if not _equal(self._arrays[name], before)]
        require(not changed, f"{', '.join(changed)} changed")


def _equal(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
