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

LEAF = 256
"""Triangles of fewer rows than twice this are inverted by LAPACK."""


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


def invert_upper(matrix: Real) -> bool:
    """Replace an upper triangle by its inverse; False where it is singular.

    The inverse of [[A, B], [0, C]] is [[A⁻¹, -A⁻¹BC⁻¹], [0, C⁻¹]]: halves down to `LEAF`, and products of triangles,
    which BLAS does at twice the speed of LAPACK's own inverse.
    """
    half = len(matrix) // 2
    if half < LEAF:
        return _trtri(matrix)
    first, corner, last = matrix[:half, :half], matrix[:half, half:], matrix[half:, half:]
    if not (invert_upper(first) and invert_upper(last)):
        return False
    _trmm(b"L", -1.0, first, corner)
    _trmm(b"R", 1.0, last, corner)
    return True


def _trtri(matrix: Real) -> bool:
    info = _int(0)
    _routine("lapack", "trtri", matrix.dtype, 6)(
        b"U", b"N", _int(len(matrix)), _data(matrix), _stride(matrix), info
    )  # fmt: skip
    return info._obj.value == 0  # type: ignore[no-any-return]


def _trmm(side: bytes, factor: float, triangle: Real, block: Real) -> None:
    """Multiply `block` in place by an upper triangle from the left or the right, and by `factor`."""
    rows, columns = block.shape
    _routine("blas", "trmm", block.dtype, 11)(
        side, b"U", b"N", b"N", _int(rows), _int(columns), _ref(_SCALAR[block.dtype](factor)), _data(triangle),
        _stride(triangle), _data(block), _stride(block),
    )  # fmt: skip


@cache
def _routine(library: str, name: str, dtype: np.dtype[Any], arguments: int) -> Call:
    address = get_cython_function_address(f"scipy.linalg.cython_{library}", _PREFIX[dtype] + name)
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * arguments)(address)


def _data(array: Real) -> int:
    return array.ctypes.data


def _stride(matrix: Real) -> Any:
    """The distance between columns, in numbers, of a Fortran-ordered array or a block of one."""
    return _int(matrix.strides[1] // matrix.itemsize)


def _int(value: int) -> Any:
    return _ref(ctypes.c_int(value))


def _ref(value: Any) -> Any:
    return ctypes.byref(value)
