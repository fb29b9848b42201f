"""Within-class covariance normalisation from inner products alone: no feature is ever seen.

There are L languages with R replicates each, points x_ar in a space of any number of axes, of which the inner products
K are known, the mean of all at the origin. With m_a the mean of a language and e_ar = x_ar - m_a its residuals,

    S = Σ e_ar e_arᵀ / ν        ν = L (R - 1)

is the covariance within languages, pooled. The principal axes of the residuals follow from the Gram matrix of L (R - 1)
orthonormal contrasts within languages, and every point has coordinates c along them; what it has outside of them is
known by its inner products, K - c cᵀ. In the metric of (s S + λ I)⁻¹ an inner product is therefore

    Σ_k c_k c'_k / (s γ_k + λ)  +  (x·x' - c·c') / λ

with γ the eigenvalues of S: the Woodbury identity in the eigenbasis of S.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import helmert

from langgeo_core.api import NumericalError

Float64 = NDArray[np.float64]

ROUNDING = 1e-8
"""Eigenvalues of a Gram matrix down to minus this share of its trace are taken for rounding."""


@dataclass(frozen=True, eq=False)
class Within:
    """Inner products of the means and residuals of L languages with R replicates each.

    Parameters
    ----------
    points : (L, R, L, R) inner products of the replicates, their mean at the origin
    aligned : whether the mean of each replicate number over the languages was taken off, which costs degrees of freedom
    most : residuals are decomposed exactly up to this many replicates. Of more, `most` / 4 axes are found at random
        (Halko, Martinsson & Tropp 2011), with a fixed seed
    largest : the largest squared length of a point before the means were taken off, against which rounding is measured
    """

    points: Float64
    aligned: bool
    most: int
    largest: float

    @classmethod
    def of(cls, squares: Float64, count: int, align: bool, most: int) -> Within:
        """From the (L·R, L·R) squared distances of the replicates, those of a language after each other.

        Raises
        ------
        NumericalError
            If the distances are not Euclidean.
        """
        languages = len(squares) // count
        rows = squares.mean(axis=1)
        gram = (rows[:, np.newaxis] + rows - rows.mean() - squares) / 2
        _require_positive(gram)
        largest = float(gram.diagonal().max())
        gram = gram.reshape(languages, count, languages, count)
        if align:
            gram = gram - gram.mean(axis=0, keepdims=True)
            gram -= gram.mean(axis=2, keepdims=True)
        return cls(gram, align, most, largest)

    @property
    def languages(self) -> int:
        """L."""
        return len(self.points)

    @property
    def count(self) -> int:
        """R."""
        return int(self.points.shape[1])

    def freedom(self, languages: int) -> int:
        """Degrees of freedom of the residuals of so many languages."""
        return max(1, languages - self.aligned) * (self.count - 1)

    @cached_property
    def means(self) -> Float64:
        """(L, L) inner products of the languages' means."""
        found: Float64 = self.points.mean(axis=(1, 3))
        return found

    @cached_property
    def crossed(self) -> Float64:
        """(L·R, L (R - 1)) inner products of the replicates with the contrasts."""
        found: Float64 = np.tensordot(self.points, helmert(self.count), (3, 1))
        return found.reshape(self.languages * self.count, -1)

    @cached_property
    def residuals(self) -> Float64:
        """(L (R - 1), L (R - 1)) Gram matrix of the contrasts, whose eigenvalues are ν times those of S."""
        crossed = self.crossed.reshape(self.languages, self.count, -1)
        found = np.tensordot(crossed, helmert(self.count), (1, 1))
        return found.transpose(0, 2, 1).reshape(crossed.shape[2], -1)

    @cached_property
    def axes(self) -> tuple[Float64, Float64]:
        """(k,) eigenvalues of the residuals' Gram matrix that are more than rounding, and (L·R, k) coordinates."""
        if self.exact:
            values, vectors = np.linalg.eigh(self.residuals)
        else:
            from sklearn.utils.extmath import randomized_svd

            vectors, values, _ = randomized_svd(self.residuals, self.most // 4, random_state=0)
        kept = values > 10 * np.finfo(float).eps * np.sqrt(len(values)) * self.largest
        values = values[kept]
        return values, self.crossed @ vectors[:, kept] / np.sqrt(values)

    def by_language(self, coordinates: Float64) -> Float64:
        """(L, k) the languages' means of (L·R, k) coordinates."""
        found: Float64 = coordinates.reshape(self.languages, self.count, -1).mean(axis=1)
        return found

    @property
    def exact(self) -> bool:
        """Whether all axes of the residuals are found."""
        return self.languages * self.count <= self.most

    @property
    def rank(self) -> int:
        """The rank of S; where not all axes are found, at most its degrees of freedom."""
        values, _ = self.axes
        return len(values) if self.exact or len(values) < self.most // 4 else self.freedom(self.languages)

    @property
    def trace(self) -> float:
        """ν times that of S."""
        return float(self.residuals.trace())


def _require_positive(gram: Float64) -> None:
    allowed = ROUNDING * float(gram.trace())
    try:
        np.linalg.cholesky(gram + allowed * np.eye(len(gram)))
    except np.linalg.LinAlgError:
        share = float(np.linalg.eigvalsh(gram).min()) / float(gram.trace())
        raise NumericalError(
            "whiten-within needs Euclidean distances, and those of the replicates are not: they have a negative "
            f"squared extent, {share:.1e} of the whole",
            "hamming, jaccard, l1, l2, cosine, correlation and jensen-shannon are Euclidean or squares of such",
        ) from None


def ledoit_wolf(within: Within) -> float:
    """The share of the identity that makes (1 - s) S + s μ I the best estimate (Ledoit & Wolf 2004), from 0 to 1.

    S is the mean of the languages' own covariances S_a, and s is the expected square error of that mean,
    Σ ‖S_a - S‖² / L², over ‖S - μ I‖², by the Frobenius norm. With two replicates a language has one difference, and
    s is exactly Ledoit and Wolf's for these L samples. μ is the mean of S's eigenvalues that are not zero, and I the
    identity of their space: as published where the features are no more than the degrees of freedom; of more features
    inner products do not tell the number, and what lies outside of the residuals' space has μ too.
    """
    n = within.languages
    squares = np.square(within.residuals).reshape(n, within.count - 1, n, within.count - 1).sum(axis=(1, 3))
    noise = squares.trace() - squares.sum() / n
    spread = squares.sum() - within.trace**2 / within.rank
    return float(np.clip(noise / spread, 0.0, 1.0)) if spread > 0 else 1.0
