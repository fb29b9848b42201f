"""Classical (Torgerson) multidimensional scaling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Embedding
from langgeo_embedders.options import TorgersonOptions

Float64 = NDArray[np.float64]

POSITIVE = 1e-12
"""An eigenvalue counts as positive above this share of the largest absolute one; rounding errors are 1e-15 to 1e-13."""

EQUALLY_LARGE = 1e-9
"""Entries of an axis with a smaller relative difference count as equally large when its sign is chosen."""


class Torgerson:
    """Finds coordinates whose Euclidean distances approximate the matrix (Torgerson 1952, Gower 1966).

    With D the (transformed) distances and J = I − 11ᵀ/n, the coordinates are v_i √λ_i over the positive
    eigenvalues λ_i of B = −½ J D² J. Negative eigenvalues measure how far D is from Euclidean: they have no axis,
    and their share of Σ|λ| is reported as `negative_mass`.

    An axis is defined up to its sign, which is chosen so that its largest absolute entry is positive (the first
    of equally large ones). Axes of equal eigenvalues are defined up to a rotation. The whole spectrum is always
    computed, because its negative part is a result: O(n³), milliseconds for 100 languages, about a minute for 8,000.
    """

    def __init__(self, options: TorgersonOptions) -> None:
        self._options = options

    def embed(self, distances: DistanceMatrix) -> Embedding:
        """Coordinates on the positive axes; there are none if all distances are zero.

        Raises
        ------
        NumericalError
            If pairs are missing: there is no eigendecomposition of an incomplete matrix.
        """
        distances.require_complete("torgerson")
        distances = distances.moderate()
        values = np.sqrt(distances.values) if self._options.transform == "sqrt" else distances.values
        eigenvalues, vectors = _spectrum(_double_centred(values))
        positive = int((eigenvalues > POSITIVE * np.abs(eigenvalues).max(initial=0.0)).sum())
        axes = positive if self._options.axes == "all" else min(self._options.axes, positive)
        coordinates = _oriented(vectors[:, :axes]) * np.sqrt(eigenvalues[:axes])
        notes = {"negative_mass": _negative_mass(eigenvalues), "positive_axes": float(positive)}
        return Embedding(distances.ids, coordinates, eigenvalues, notes)


def _double_centred(distances: Float64) -> Float64:
    """B = −½ J D² J, (n, n)."""
    squares = distances**2
    means = squares.mean(axis=0)
    centred: Float64 = -0.5 * (squares - means - means[:, np.newaxis] + means.mean())
    return centred


def _spectrum(symmetric: Float64) -> tuple[Float64, Float64]:
    """All eigenvalues, largest first, and their vectors as columns."""
    eigenvalues, vectors = np.linalg.eigh(symmetric)
    return eigenvalues[::-1].copy(), vectors[:, ::-1]


def _negative_mass(eigenvalues: Float64) -> float:
    total = np.abs(eigenvalues).sum()
    return float(np.abs(eigenvalues[eigenvalues < 0]).sum() / total) if total else 0.0


def _oriented(vectors: Float64) -> Float64:
    sizes = np.abs(vectors)
    largest = sizes.max(axis=0, initial=0.0)
    first = (sizes >= (1 - EQUALLY_LARGE) * largest).argmax(axis=0)
    signs = np.sign(vectors[first, np.arange(vectors.shape[1])])
    oriented: Float64 = vectors * signs
    return oriented
