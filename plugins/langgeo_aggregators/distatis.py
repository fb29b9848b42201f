"""DISTATIS: the compromise of several distance matrices."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_aggregators.options import DistatisOptions
from langgeo_aggregators.pairwise import Float64, stack
from langgeo_core.api import DistanceMatrix, NumericalError

log = logging.getLogger("langgeo.distatis")

DISTINCT = 1e-9
"""The first eigenvalue of the agreement must exceed the second by this share, or the compromise is not unique."""


class Distatis:
    """The matrix that agrees best with all (Abdi et al. 2005, 2012).

    Each matrix of squared distances is double-centred, S = −½ J D² J, and divided by its first eigenvalue λ. The RV
    coefficients of all pairs, tr(S S′) / ‖S‖ ‖S′‖, have a first eigenvector α, scaled to sum 1: how much each
    matrix agrees with the others. The compromise Σ α S / λ is converted back to distances.

    Double-centring is linear and invertible, so the compromise's squared distances are Σ α D² / λ, which is computed
    directly. They are multiplied by Σ α λ to have the scale of the matrices: the compromise of one matrix is that
    matrix. Matrices of zeros are ignored.
    """

    def __init__(self, options: DistatisOptions) -> None:
        self._squared = options.squared

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        """The compromise; languages that no matrix has stay missing. The weights α are written to the run's log.

        Raises
        ------
        NumericalError
            If a matrix lacks a language that another has, or the matrices have no common structure.
        """
        ids, stacked = stack(matrices)
        placed = _placed(stacked)
        _check_complete(matrices, [identifier for identifier, has in zip(ids, placed, strict=True) if has])
        inside = np.ix_(placed, placed)
        values = np.full(stacked.shape[1:], np.nan)
        np.fill_diagonal(values, 0.0)
        values[inside] = self._compromise(list(matrices), np.stack([matrix[inside] for matrix in stacked]))
        return DistanceMatrix(ids, values)

    def _compromise(self, names: Sequence[str], complete: Float64) -> Float64:
        """(n, n) from (matrices, n, n) without missing values."""
        exponent = int(np.frexp(complete.max())[1])
        scaled = np.ldexp(complete, -exponent)  # squares of tiny or huge distances would vanish or overflow
        squares = scaled if self._squared else scaled**2
        nonzero = squares.any(axis=(1, 2))
        if not nonzero.any():
            return np.zeros(squares.shape[1:])
        weights, sizes = agreement(squares[nonzero])
        named = zip(np.array(names)[nonzero], weights, strict=True)
        log.info("distatis weights: %s", ", ".join(f"{name} {weight:.4f}" for name, weight in named))
        shares = weights / sizes * (weights @ sizes)
        # A matrix product could round the two triangles of a symmetric matrix differently.
        combined = (shares[:, None, None] * squares[nonzero]).sum(axis=0)
        compromise: Float64 = np.ldexp(combined if self._squared else np.sqrt(combined), exponent)
        return compromise


def agreement(squares: Float64) -> tuple[Float64, Float64]:
    """The weights α, summing to 1, and the first eigenvalues λ of matrices of squared distances, none all zero.

    Parameters
    ----------
    squares : (matrices, n, n)

    Raises
    ------
    NumericalError
        If the matrices have no common structure.
    """
    centred = _double_centred(squares)
    flat = centred.reshape(len(centred), -1)
    directions = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(directions @ directions.T)
    leading = vectors[:, -1] * np.sign(vectors[:, -1].sum())
    if leading.min() < 0 or (len(values) > 1 and values[-1] - values[-2] <= DISTINCT * values[-1]):
        raise NumericalError(
            "distatis finds no common structure: some matrices contradict each other",
            "remove a model or corpus, or use the aggregator mean",
        )
    return leading / leading.sum(), np.linalg.eigvalsh(centred)[:, -1].astype(np.float64)


def _double_centred(squares: Float64) -> Float64:
    rows = squares.mean(axis=2, keepdims=True)
    centred: Float64 = -0.5 * (squares - rows - rows.swapaxes(1, 2) + squares.mean(axis=(1, 2), keepdims=True))
    return centred


def _placed(stacked: Float64) -> NDArray[np.bool_]:
    """(n,) whether some matrix has a language's distance to another."""
    apart = ~np.eye(stacked.shape[1], dtype=bool)
    placed: NDArray[np.bool_] = np.asarray((~np.isnan(stacked) & apart).any(axis=(0, 2)))
    return placed


def _check_complete(matrices: Mapping[str, DistanceMatrix], placed: Sequence[str]) -> None:
    lacking = {name: _lacking(matrix.subset(placed)) for name, matrix in matrices.items()}
    described = "; ".join(f"{name} lacks {', '.join(ids)}" for name, ids in lacking.items() if ids)
    if described:
        raise NumericalError(
            f"distatis needs every pair of languages in every matrix: {described}",
            "exclude these languages, or use the aggregator mean, which skips missing pairs",
        )


def _lacking(matrix: DistanceMatrix) -> list[str]:
    """The languages with the most missing pairs: if whole languages are missing, exactly these."""
    gaps = np.isnan(matrix.values).sum(axis=1)
    most = gaps.max(initial=0)
    return [identifier for identifier, count in zip(matrix.ids, gaps, strict=True) if count == most > 0]
