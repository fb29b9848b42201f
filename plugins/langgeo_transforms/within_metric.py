"""The metric that a covariance within languages gives, and distances in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import NumericalError
from langgeo_transforms.residuals import ROUNDING, Within, ledoit_wolf

Float64 = NDArray[np.float64]
Measure = Callable[[Float64], Float64]
"""From (…, n, n) inner products to (…, n, n) distances."""

NO_DIRECTION = 1e-18
"""A point whose squared length is a smaller share of the longest one's is at the origin but for rounding."""

FAINT = 1e-13
"""Variances within languages below this share of the largest squared length are lost in rounding."""


def cosine(products: Float64) -> Float64:
    """1 - cos, from 0 to 2; a point at the origin is 1 from all that are elsewhere.

    Examples
    --------
    >>> cosine(np.array([[4.0, 0.0, -6.0, 0.0], [0.0, 1.0, 0.0, 0.0], [-6.0, 0.0, 9.0, 0.0], [0.0] * 4]))
    array([[0., 1., 2., 1.],
           [1., 0., 1., 1.],
           [2., 1., 0., 1.],
           [1., 1., 1., 0.]])
    """
    squares = np.diagonal(products, axis1=-2, axis2=-1)
    directed = squares > NO_DIRECTION * squares.max(initial=0.0)
    lengths = np.sqrt(np.where(directed, squares, 1.0))
    both = lengths[..., :, np.newaxis] * lengths[..., np.newaxis, :]
    found = np.where(directed[..., :, np.newaxis] & directed[..., np.newaxis, :], 1 - products / both, 1.0)
    found[~directed[..., :, np.newaxis] & ~directed[..., np.newaxis, :]] = 0.0
    return _distances(np.clip(found, 0.0, 2.0))


def mahalanobis(products: Float64) -> Float64:
    """√(x·x + y·y - 2 x·y).

    Examples
    --------
    >>> mahalanobis(np.array([[9.0, 0.0], [0.0, 16.0]]))
    array([[0., 5.],
           [5., 0.]])
    """
    squares = np.diagonal(products, axis1=-2, axis2=-1)
    found = squares[..., :, np.newaxis] + squares[..., np.newaxis, :] - 2 * products
    return _distances(np.sqrt(np.maximum(found, 0.0)))


def _distances(found: Float64) -> Float64:
    """Symmetric but for nothing, and zero on the diagonal."""
    both: Float64 = (found + np.swapaxes(found, -1, -2)) / 2
    places = np.arange(both.shape[-1])
    both[..., places, places] = 0.0
    return both


@dataclass(frozen=True, eq=False)
class Metric:
    """That of (weight · S + level · I)⁻¹."""

    within: Within
    weight: float
    level: float

    @classmethod
    def of(cls, within: Within, shrinkage: float | None) -> Metric:
        """`shrinkage` is λ over the mean of S's eigenvalues that are not zero; None for Ledoit and Wolf's.

        Raises
        ------
        NumericalError
            If the replicates of a language do not differ.
        """
        mean = within.trace / max(1, within.rank) / within.freedom(within.languages)
        if mean < FAINT * within.largest:
            raise NumericalError(
                "whiten-within finds no variation within languages: but for rounding, the replicates of a language do "
                "not differ",
                "choose distances that depend on the text",
            )
        if shrinkage is not None:
            return cls(within, 1.0, shrinkage * mean)
        share = ledoit_wolf(within)
        return cls(within, 1 - share, share * mean)

    def means(self) -> Float64:
        """(L, L) inner products of the languages' means.

        Raises
        ------
        NumericalError
            If S is singular and the metric has no shrinkage.
        """
        within = self.within
        coordinates = within.by_language(within.axes[1])
        return self._products(coordinates, within.means - coordinates @ coordinates.T, within.languages)

    def replicates(self) -> Float64:
        """(L, R, L, R) inner products of the replicates, with the degrees of freedom of all languages but two.

        Raises
        ------
        NumericalError
            If S is singular and the metric has no shrinkage.
        """
        within, (_, coordinates) = self.within, self.within.axes
        if within.exact:
            owned = within.by_language(coordinates)
            outside = within.means - owned @ owned.T
            rest = np.repeat(np.repeat(outside, within.count, axis=0), within.count, axis=1)
        else:
            rest = within.points.reshape(len(coordinates), -1) - coordinates @ coordinates.T
        return self._products(coordinates, rest, within.languages - 2).reshape(within.points.shape)

    def _products(self, coordinates: Float64, rest: Float64, languages: int) -> Float64:
        """`rest` are the inner products of what lies outside of the residuals' axes."""
        within, freedom = self.within, self.within.freedom(languages)
        if not self.level and (np.abs(rest).max() > ROUNDING * within.largest or within.rank > freedom):
            raise NumericalError(
                "whiten-within without shrinkage needs a covariance within languages that is not singular, and the "
                f"residuals have {freedom} degrees of freedom in a space of more axes",
                "set its option shrinkage above 0, such as 0.1",
            )
        products: Float64 = coordinates / (self.weight * within.axes[0] / freedom + self.level) @ coordinates.T
        return products + rest / self.level if self.level else products


def apart(metric: Metric, products: Float64, measure: Measure) -> Float64:
    """(L·R, L·R) distances of replicates, each pair of languages in the metric of all other languages' residuals.

    In the space that is whitened by their own residuals replicates would lie together by construction. Taking the
    residuals E of two languages out of S adds W Hᵀ (ν/s · I - H W Hᵀ)⁻¹ H W to the inner products W of their
    replicates, with H W those of E (Woodbury). Between two replicates of one language it is the mean over the other
    languages. `products` are `metric.replicates()`.
    """
    n, count = metric.within.languages, metric.within.count
    found, own = np.zeros((n, count, n, count)), np.zeros((n, count, count))
    freedom = metric.within.freedom(n - 2) * np.eye(2 * count)
    for one in range(n - 1):
        others = np.arange(one + 1, n)
        pairs = np.empty((len(others), 2, count, 2, count))
        pairs[:, 0, :, 0] = products[one, :, one]
        pairs[:, 1, :, 1] = products[others, :, others]
        pairs[:, 0, :, 1] = products[one][:, others].transpose(1, 0, 2)
        pairs[:, 1, :, 0] = pairs[:, 0, :, 1].transpose(0, 2, 1)
        residuals = pairs - pairs.mean(axis=2, keepdims=True)
        among = residuals - residuals.mean(axis=4, keepdims=True)
        square = (len(others), 2 * count, 2 * count)
        left, residuals = residuals.reshape(square), metric.weight * residuals.reshape(square)
        added = left.transpose(0, 2, 1) @ np.linalg.solve(freedom - metric.weight * among.reshape(square), residuals)
        distances = measure(pairs.reshape(square) + added).reshape(pairs.shape)
        found[one][:, others] = distances[:, 0, :, 1].transpose(1, 0, 2)
        found[others, :, one] = distances[:, 0, :, 1].transpose(0, 2, 1)
        own[one] += distances[:, 0, :, 0].sum(axis=0)
        own[others] += distances[:, 1, :, 1]
    found[np.arange(n), :, np.arange(n)] = own / max(1, n - 1)
    return found.reshape(n * count, -1)
