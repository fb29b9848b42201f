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
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.linalg  # noqa: F401  loads BLAS now: limits on its threads reach only what is loaded
from numba import njit
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

LEAF = 64
"""Matrices of at most so many rows are factored and inverted by LAPACK."""

BLOCKS = 4
"""Block columns of a Gram matrix of bfloat16 rows."""

CANCELLED = 0.01
"""Of what is left of 1 - ΣY², float32 has digits enough above this."""

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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def feature_sums(rows: Real) -> NDArray[np.float64]:
    """(3, n): Σ x, Σ x² and the number of x above 0 of each feature of `rows` (tokens, n)."""
    sums = np.zeros((3, rows.shape[1]))
    for token in range(len(rows)):
        for feature in range(rows.shape[1]):
            value = np.float64(rows[token, feature])
            sums[0, feature] += value
            sums[1, feature] += value * value
            sums[2, feature] += value > 0
    return sums


def input_statistics(gram: Real, tokens: int, damping: float) -> InputStatistics:
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
    diagonal = np.diagonal(gram).astype(np.float64) / tokens

    def factor(ridge: float) -> Pair:
        # From one factor RᵀR of H in reverse order: 1 / U_jj² is its squared pivot n-1-j, and the diagonal of the
        # inverse in reverse order, the squared row norms of R⁻¹, is the inverse's diagonal backwards.
        backwards: Real = (gram.ravel(order="K")[::-1] * gram.dtype.type(1 / tokens)).reshape(gram.shape, order="F")
        np.fill_diagonal(backwards, diagonal[::-1] + ridge)
        inverse_factor(backwards)
        return _upper_row_norms(backwards)[::-1].copy(), np.square(np.diagonal(backwards)[::-1].astype(np.float64))

    return damped(diagonal, tokens, damping, factor)


def statistics_of_rows(rows: Real, tokens: int, damping: float) -> InputStatistics:
    """`input_statistics` of X itself, `rows` (T, n), in about 5T²n operations, not n³; in float64 where need be."""

    def factor(ridge: float) -> Pair:
        with suppress(np.linalg.LinAlgError), np.errstate(all="ignore"):
            return _diagonals_of_rows(np.ascontiguousarray(rows), tokens, ridge)
        return _diagonals_of_rows(np.ascontiguousarray(rows, dtype=np.float64), tokens, ridge)

    return damped(feature_sums(rows)[1] / tokens, tokens, damping, factor)


def _diagonals_of_rows(rows: Real, tokens: int, ridge: float) -> Pair:
    """diag(H⁻¹) and U_jj² from X by way of T x T matrices, λ being `ridge`.

    With K = XXᵀ + τλI = MMᵀ for τ tokens, and Y = M⁻¹X, Woodbury's identity gives diag(H⁻¹) = (1 - Σ_t Y_tj²) / λ. For
    T features at a time, from the last on, with K of those behind them and Z = M⁻¹ times their own columns, the Schur
    complement of H is λ(I + ZᵀZ): the squared pivots of its factor in reverse order are 1 / U_jj². LinAlgError where K
    is not positive definite, or float32 leaves too few digits of 1 - ΣY².
    """
    short, features = rows.shape
    gram, pivots, root = empty_gram(short, rows.dtype), np.empty(features), rows.dtype.type((tokens * ridge) ** 0.5)

    def solved(columns: Real) -> Real:
        factor, columns = gram.copy(order="F"), columns.copy()
        np.fill_diagonal(factor, np.diagonal(factor) + tokens * ridge)
        potrf(factor, b"L")
        triangular("trsm", b"RLT", 1.0, factor, columns.T)
        return columns

    for stop in range(features, 0, -short):
        own = slice(max(0, stop - short), stop)
        complement = np.eye(stop - own.start, dtype=rows.dtype, order="F")
        # Behind the last features there is nothing: K is τλI.
        syrk(solved(rows[:, own]) if stop < features else rows[:, own] / root, complement)
        backwards = np.array(complement[::-1, ::-1], order="F")
        potrf(backwards, b"U")
        pivots[own] = np.diagonal(backwards)[::-1]
        syrk(rows[:, own], gram, b"T")
    left = 1 - feature_sums(solved(rows))[1]
    if left.min() < CANCELLED and gram.dtype == np.float32:
        raise np.linalg.LinAlgError
    return left / ridge, 1 / (ridge * np.square(pivots))


def damped(
    diagonal: NDArray[np.float64], tokens: int, damping: float, factor: Callable[[float], Pair]
) -> InputStatistics:
    """The statistics of one input at the first damping at which H can be factored.

    Parameters
    ----------
    diagonal : (n,), diag(G)
    factor : `factor(λ)` gives (diag(H⁻¹), U_jj²), or raises LinAlgError where H is not positive definite

    Raises
    ------
    NumericalError
        As `input_statistics`.
    """
    ridge = damping * mean_of_live(diagonal)
    for step in range(DAMPING_TRIES + 1):
        raised = ridge * DAMPING_STEP**step
        with suppress(np.linalg.LinAlgError):
            inverse, cholesky = factor(raised)
            # For every positive definite H = G + λI they lie between λ and H_jj, up to rounding.
            scores, slack = 1 / inverse, 1e-3
            if not ((scores >= raised * (1 - slack)) & (scores <= (diagonal + raised) * (1 + slack))).all():
                raise NumericalError(
                    "diag(H⁻¹) leaves its bounds λ ≤ 1/[H⁻¹]_jj ≤ H_jj",
                    "rounding has spoilt the inverse; use calibration.dtype=float64",
                )
            return InputStatistics(diagonal, inverse, cholesky, ridge, tokens, raised=raised if step else 0.0)
    raise NumericalError(
        f"a Gram matrix of {len(diagonal)} features over {tokens} tokens stays indefinite at damping "
        f"{damping * DAMPING_STEP**DAMPING_TRIES:g}",
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


def syrk(rows: Real, gram: Real, trans: bytes = b"N", triangle: bytes = b"L", sign: float = 1.0) -> None:
    """Add ± XᵀX (`b"N"`) or XXᵀ (`b"T"`) of `rows`, contiguous columns of a C array, to a triangle of `gram`."""
    order, summed = rows.shape[::-1] if trans == b"N" else rows.shape
    scalar, row = _SCALAR[gram.dtype], _int(rows.strides[0] // rows.itemsize)
    _routine("blas", "syrk", gram.dtype, 10)(
        triangle, trans, _int(order), _int(summed), _ref(scalar(sign)), _data(rows), row, _ref(scalar(1.0)),
        _data(gram), _stride(gram),
    )  # fmt: skip


def potrf(matrix: Real, triangle: bytes) -> None:
    """Replace one triangle (`b"L"` or `b"U"`) by its Cholesky factor; LinAlgError where it is not positive definite."""
    info = _int(0)
    _routine("lapack", "potrf", matrix.dtype, 5)(triangle, _int(len(matrix)), _data(matrix), _stride(matrix), info)
    if info._obj.value or not np.isfinite(np.diagonal(matrix)).all():
        raise np.linalg.LinAlgError("not positive definite")


def inverse_factor(matrix: Real) -> None:
    """Replace the upper triangle of H = RᵀR by R⁻¹; LinAlgError where it is not positive definite.

    Of [[A, B], [Bᵀ, C]] by halves: R_A⁻¹ from A, D = R_A⁻ᵀB, R_C⁻¹ from C - DᵀD, and -R_A⁻¹DR_C⁻¹ in the corner. So
    all but what LAPACK does below `LEAF` are products of triangles and sums of squares, the fastest that BLAS has.
    """
    half = len(matrix) // 2
    if len(matrix) <= LEAF:
        potrf(matrix, b"U")
        order = _int(len(matrix))
        _routine("lapack", "trtri", matrix.dtype, 6)(b"U", b"N", order, _data(matrix), _stride(matrix), _int(0))
        return
    first, corner, last = matrix[:half, :half], matrix[:half, half:], matrix[half:, half:]
    inverse_factor(first)
    triangular("trmm", b"LUT", 1.0, first, corner)
    syrk(corner.T, last, b"T", b"U", -1.0)
    inverse_factor(last)
    triangular("trmm", b"LUN", -1.0, first, corner)
    triangular("trmm", b"RUN", 1.0, last, corner)


def triangular(name: str, how: bytes, factor: float, triangle: Real, block: Real) -> None:
    """BLAS's `trmm` or `trsm` in place; `how` has a letter each for side, triangle and whether it is transposed."""
    _routine("blas", name, block.dtype, 11)(
        how[:1], how[1:2], how[2:], b"N", *map(_int, block.shape), _ref(_SCALAR[block.dtype](factor)),
        _data(triangle), _stride(triangle), _data(block), _stride(block),
    )  # fmt: skip


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
