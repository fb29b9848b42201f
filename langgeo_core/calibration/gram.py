"""The mathematics of calibration: Gram matrices and the diagonals that scorers need.

With X the tokens x n inputs of a linear layer, G = XᵀX / tokens, H = G + λI and λ = damping · mean diag(G) over
the features that are not dead (Frantar & Alistarh 2023, SparseGPT; Shamrai & Hamolia 2025). Symmetric matrices
are kept as their lower triangle in Fortran order, which is what LAPACK works on in place.

scipy's own wrappers of BLAS and LAPACK hold Python's interpreter lock, so that two threads take turns. Here the same
routines of scipy's library are called without it, through its public Cython interface.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.linalg  # noqa: F401  loads BLAS now: limits on its threads reach only what is loaded
from numba.extending import get_cython_function_address
from numpy.typing import NDArray

from langgeo_core.contract.errors import NumericalError
from langgeo_core.contract.types import InputStatistics
from langgeo_core.system.processor import capabilities

Real = NDArray[Any]
Pair = tuple[Real, Real]
"""(diag(H⁻¹), U_jj²) of one H."""

_PREFIX = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}
_SCALAR = {np.dtype(np.float32): ctypes.c_float, np.dtype(np.float64): ctypes.c_double}

LEAF = 256
"""Triangles of fewer rows than twice this are inverted by LAPACK."""

BLOCKS = 4
"""Block columns of a Gram matrix of bfloat16 rows."""

CACHED_ROWS = 32
"""Rows whose copies in float64 stay in the processor's caches."""

DAMPING_STEP = 10.0
DAMPING_TRIES = 3


def empty_gram(features: int, dtype: Any) -> Real:
    """A zero (n, n) matrix for `add_rows`, in Fortran order; dtype float32 or float64."""
    return np.zeros((features, features), dtype=dtype, order="F")


def add_rows(gram: Real, rows: Real) -> None:
    """Add XᵀX of `rows` (tokens, n) to the lower triangle of `gram`, in place.

    The sum is raw: scaling X first would round it. Rows of uint16 are bfloat16 bit by bit, for a `gram` of float32,
    where `multiplies_bfloat16`: their products are exact in float32.
    """
    if rows.dtype == np.uint16:
        _add_bfloat16(np.ascontiguousarray(rows), gram)
    else:
        syrk(np.ascontiguousarray(rows, dtype=gram.dtype), gram)


def multiplies_bfloat16() -> bool:
    """Whether the processor has tiles of bfloat16 (AMX), and torch comes with MKL's product that sums in float32."""
    return bool(capabilities().get("amx_bf16")) and _bfloat16_product() is not None


@cache
def _bfloat16_product() -> Callable[..., None] | None:
    """MKL's `gemm_bf16bf16f32`, out of torch's library; None where that has none."""
    import torch

    try:
        library = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"))
        return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 13)(("gemm_bf16bf16f32_", library))
    except (OSError, AttributeError):
        return None


def _add_bfloat16(rows: Real, gram: Real) -> None:
    """A block of columns at a time, from the diagonal down; of what lies above it, a part is written as well."""
    product, features, one = _bfloat16_product(), len(gram), _ref(ctypes.c_float(1.0))
    assert product is not None
    order = _int(features)
    for start in range(0, features, -(-features // BLOCKS)):
        columns = _int(min(-(-features // BLOCKS), features - start))
        left, target = _data(rows) + 2 * start, _data(gram) + 4 * start * (features + 1)
        product(
            b"N", b"T", _int(features - start), columns, _int(len(rows)), one, left, order, left, order, one, target,
            order,
        )  # fmt: skip


def feature_sums(rows: Real) -> NDArray[np.float64]:
    """(3, n): Σ x, Σ x² and the number of x above 0 of each feature of `rows` (tokens, n)."""
    sums = np.zeros((3, rows.shape[1]))
    for start in range(0, len(rows), CACHED_ROWS):
        some = rows[start : start + CACHED_ROWS]
        precise = some.astype(np.float64)
        sums[0] += precise.sum(0)
        sums[1] += np.square(precise, out=precise).sum(0)
        sums[2] += (some > 0).sum(0, dtype=np.int32)
    return sums


@dataclass(frozen=True)
class Damped:
    """The statistics of one input, and each share of the mean diagonal to which its damping was raised."""

    statistics: InputStatistics
    raised: tuple[float, ...]


def input_statistics(gram: Real, tokens: int, damping: float) -> Damped:
    """The diagonals of one input's G and H from the summed XᵀX.

    Parameters
    ----------
    gram : (n, n), lower triangle of the raw sum XᵀX
    tokens : number of rows summed
    damping : λ as a share of the mean diagonal

    Raises
    ------
    NumericalError
        If a diagonal is not finite, if every feature is dead, or if H stays indefinite after `DAMPING_TRIES`
        raises of the damping by `DAMPING_STEP`.
    """
    scale = gram.dtype.type(1.0 / tokens)

    def factor(filled: NDArray[np.float64]) -> Pair | None:
        # From one factor RᵀR of H in reverse order: 1 / U_jj² is its squared pivot n-1-j, and the diagonal of the
        # inverse in reverse order, the squared row norms of R⁻¹, is the inverse's diagonal backwards.
        backwards: Real = (gram.ravel(order="K")[::-1] * scale).reshape(gram.shape, order="F")
        np.fill_diagonal(backwards, filled[::-1])
        if not potrf(backwards, b"U") or not np.isfinite(np.diagonal(backwards)).all():
            return None
        cholesky_diagonal = 1.0 / np.square(np.diagonal(backwards)[::-1].astype(np.float64))
        if not invert_upper(backwards):
            raise NumericalError("a triangular factor of a Gram matrix is singular")
        return _upper_row_norms(backwards)[::-1].copy(), cholesky_diagonal

    return damped(np.diagonal(gram).astype(np.float64) / tokens, tokens, damping, factor)


def damped(
    diagonal: NDArray[np.float64], tokens: int, damping: float, factor: Callable[[NDArray[np.float64]], Pair | None]
) -> Damped:
    """The statistics of one input at the first damping at which H can be factored.

    Parameters
    ----------
    diagonal : (n,), diag(G)
    factor : `factor(diagonal of H)` gives (diag(H⁻¹), U_jj²), or None where H is not positive definite

    Raises
    ------
    NumericalError
        As `input_statistics`.
    """
    mean = mean_of_live(diagonal)
    raised: list[float] = []
    for step in range(DAMPING_TRIES + 1):
        share = damping * DAMPING_STEP**step
        both = factor(diagonal + share * mean)
        if both is not None:
            statistics = InputStatistics(diagonal, both[0], both[1], share * mean, tokens)
            _check_bounds(statistics)
            return Damped(statistics, tuple(raised))
        raised.append(damping * DAMPING_STEP ** (step + 1))
    raise NumericalError(
        f"a Gram matrix of {len(diagonal)} features over {tokens} tokens stays indefinite at damping {share:g}",
        "use calibration.dtype=float64, more tokens, or a larger calibration.damping",
    )


def mean_of_live(diagonal: NDArray[np.float64]) -> float:
    """The mean of diag(G) over the features that are not dead, of which λ is a share.

    Raises
    ------
    NumericalError
        If an entry is not finite, or every feature is dead.
    """
    if not np.isfinite(diagonal).all():
        raise NumericalError(
            "a layer's inputs are not finite",
            "the model overflows in this precision; try calibration.dtype=float32 or float64",
        )
    live = diagonal[diagonal > 0]
    if not len(live):
        raise NumericalError("a layer's inputs are all zero", "check the model's weights and the text")
    return float(live.mean())


def _upper_row_norms(upper: Real) -> NDArray[np.float64]:
    """Σ_j R_ij² over j ≥ i, summed in float64 a block of columns at a time; below the diagonal nothing is read."""
    norms = np.zeros(len(upper))
    for start in range(0, len(upper), 64):
        own = slice(start, start + 64)
        for rows, block in ((slice(start), upper[:start, own]), (own, np.triu(upper[own, own]))):
            norms[rows] += np.einsum("ij,ij->i", block, block, dtype=np.float64)
    return norms


def _check_bounds(statistics: InputStatistics) -> None:
    """λ ≤ 1/[H⁻¹]_jj ≤ H_jj holds for every positive definite H = G + λI, up to rounding."""
    scores = 1.0 / statistics.inverse_diagonal
    upper = statistics.gram_diagonal + statistics.damping
    slack = 1e-3
    if (scores < statistics.damping * (1 - slack)).any() or (scores > upper * (1 + slack)).any():
        raise NumericalError(
            "diag(H⁻¹) leaves its bounds λ ≤ 1/[H⁻¹]_jj ≤ H_jj",
            "rounding has spoilt the inverse; use calibration.dtype=float64",
        )


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
        info = _int(0)
        _routine("lapack", "trtri", matrix.dtype, 6)(
            b"U", b"N", _int(len(matrix)), _data(matrix), _stride(matrix), info
        )  # fmt: skip
        return info._obj.value == 0  # type: ignore[no-any-return]
    first, corner, last = matrix[:half, :half], matrix[:half, half:], matrix[half:, half:]
    if not (invert_upper(first) and invert_upper(last)):
        return False
    rows, columns = map(_int, corner.shape)
    for side, factor, triangle in ((b"L", -1.0, first), (b"R", 1.0, last)):
        _routine("blas", "trmm", corner.dtype, 11)(
            side, b"U", b"N", b"N", rows, columns, _ref(_SCALAR[corner.dtype](factor)), _data(triangle),
            _stride(triangle), _data(corner), _stride(corner),
        )  # fmt: skip
    return True


@cache
def _routine(library: str, name: str, dtype: np.dtype[Any], arguments: int) -> Callable[..., None]:
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
