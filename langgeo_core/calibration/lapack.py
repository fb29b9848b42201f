"""BLAS and LAPACK on Fortran-ordered arrays in place, without Python's interpreter lock.

scipy's own wrappers hold the lock, so that two threads take turns. These call the same routines of scipy's library
through its public Cython interface.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import scipy.linalg  # noqa: F401  loads BLAS now: limits on its threads reach only what is loaded
from numba.extending import get_cython_function_address
from numpy.typing import NDArray

Real = NDArray[Any]
Call = Callable[..., None]

_PREFIX = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}
_SCALAR = {np.dtype(np.float32): ctypes.c_float, np.dtype(np.float64): ctypes.c_double}


def syrk(rows: Real, gram: Real) -> None:
    """Add XᵀX to the lower triangle of `gram` (n, n), Fortran order; X is `rows` (tokens, n), C order."""
    tokens, features = rows.shape
    one = _SCALAR[gram.dtype](1.0)
    _routine("blas", "syrk", gram.dtype, 10)(
        b"L", b"N", _int(features), _int(tokens), _ref(one), _data(rows), _int(features), _ref(one), _data(gram),
        _int(features),
    )  # fmt: skip


def potrf(matrix: Real, triangle: bytes) -> bool:
    """Replace one triangle (`b"L"` or `b"U"`) by its Cholesky factor; False where it is not positive definite."""
    order, info = _int(len(matrix)), _int(0)
    _routine("lapack", "potrf", matrix.dtype, 5)(triangle, order, _data(matrix), order, info)
    return info._obj.value == 0  # type: ignore[no-any-return]


def trtri(matrix: Real, triangle: bytes) -> bool:
    """Replace one triangle (`b"L"` or `b"U"`) by its inverse; False where it is singular."""
    order, info = _int(len(matrix)), _int(0)
    _routine("lapack", "trtri", matrix.dtype, 6)(triangle, b"N", order, _data(matrix), order, info)
    return info._obj.value == 0  # type: ignore[no-any-return]


@cache
def _routine(library: str, name: str, dtype: np.dtype[Any], arguments: int) -> Call:
    address = get_cython_function_address(f"scipy.linalg.cython_{library}", _PREFIX[dtype] + name)
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * arguments)(address)


def _data(array: Real) -> int:
    return array.ctypes.data


def _int(value: int) -> Any:
    return _ref(ctypes.c_int(value))


def _ref(value: Any) -> Any:
    return ctypes.byref(value)
