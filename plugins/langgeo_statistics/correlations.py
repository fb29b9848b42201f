"""Correlations of distance matrices over pairs of languages: the values, under shuffled languages, and on halves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from langgeo_inference.api import ResamplingOptions, draw_halves, shuffles

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

ROUNDING = 1e-12
"""Distances that vary by less than this share of the largest are taken as equal."""


@dataclass(frozen=True, eq=False)
class Table:
    """Distances, their predictors, and which pairs count.

    Parameters
    ----------
    matrices : (1 + predictors, n, n) without a missing pair; the first is to be explained
    groups : (n,) codes; pairs within a group count, centred on the group's mean. All zero where every pair counts
    """

    matrices: Float64
    groups: Int64

    def subset(self, rows: Int64) -> Table:
        """Of some of the languages."""
        return Table(self.matrices[:, rows[:, np.newaxis], rows], self.groups[rows])

    def of(self, columns: Sequence[int]) -> Table:
        """With some of the predictors, counted from 0."""
        return Table(self.matrices[[0, *(column + 1 for column in columns)]], self.groups)


@dataclass(frozen=True, eq=False)
class Resampling:
    """How the languages of a table are resampled.

    Parameters
    ----------
    shuffled : (permutations, n) orders, within the groups
    halved : (subsamples, n // 2) rows
    """

    shuffled: Int64
    halved: Int64

    @classmethod
    def draw(cls, groups: Int64, options: ResamplingOptions, seed: int) -> Resampling:
        """As many as the options say."""
        rng = np.random.default_rng(seed)
        shuffled = shuffles(groups, options.permutations, rng)
        return cls(shuffled, draw_halves(len(groups), options.subsamples, rng))


@dataclass(frozen=True, eq=False)
class Correlations:
    """Of the matrices of a table with each other.

    Parameters
    ----------
    value : (1 + predictors, 1 + predictors)
    shuffled : (permutations, predictors) of the first with the others, its languages shuffled
    halved : (subsamples, 1 + predictors, 1 + predictors) on halves of the languages
    """

    value: Float64
    shuffled: Float64
    halved: Float64

    def of(self, columns: Sequence[int]) -> Correlations:
        """With some of the predictors, counted from 0."""
        kept = np.array([0, *(column + 1 for column in columns)])
        return Correlations(
            self.value[np.ix_(kept, kept)],
            self.shuffled[:, kept[1:] - 1],
            self.halved[:, kept[:, np.newaxis], kept],
        )


def correlations(table: Table, resampling: Resampling, ranks: bool) -> Correlations:
    """Mantel's correlations (Mantel 1967; Smouse, Long & Sokal 1986), of distances or of their ranks.

    The first matrix is shuffled: its rows and columns together, so that each language keeps its own distances. Means
    and deviations stay the same, so a shuffle costs one product. NaN with a matrix whose pairs are all equal.
    """
    rows, columns = pairs(table.groups)
    scaled = _scaled(table, ranks)
    first = np.zeros(table.matrices.shape[1:])
    first[rows, columns] = first[columns, rows] = scaled[0]
    shuffled = [scaled[1:] @ first[order[rows], order[columns]] for order in resampling.shuffled]
    on_halves = [_products(_scaled(table.subset(half), ranks)) for half in resampling.halved]
    count = len(scaled)
    return Correlations(
        _products(scaled),
        np.reshape(shuffled, (len(shuffled), count - 1)),
        np.reshape(on_halves, (len(on_halves), count, count)),
    )


def crossed(table: Table, resampling: Resampling, ranks: bool) -> Float64:
    """(permutations, 1 + predictors, predictors) correlations of every matrix with each predictor's shuffle.

    Here the predictors' languages are shuffled, those of all predictors in the same order.
    """
    rows, columns = pairs(table.groups)
    scaled = _scaled(table, ranks)
    moved = np.zeros((len(scaled) - 1, *table.matrices.shape[1:]))
    moved[:, rows, columns] = moved[:, columns, rows] = scaled[1:]
    found = [scaled @ moved[:, order[rows], order[columns]].T for order in resampling.shuffled]
    return np.reshape(found, (len(found), len(scaled), len(moved)))


def pairs(groups: Int64) -> tuple[Int64, Int64]:
    """(pairs,) rows and columns of the pairs within a group, above the diagonal."""
    rows, columns = np.triu_indices(len(groups), 1)
    within = groups[rows] == groups[columns]
    return rows[within], columns[within]


def _scaled(table: Table, ranks: bool) -> Float64:
    """(matrices, pairs) centred on each group's mean, with a norm of 1; NaN where nothing varies."""
    rows, columns = pairs(table.groups)
    values = table.matrices[:, rows, columns].copy()
    largest = np.abs(values).max(axis=1, keepdims=True, initial=1e-300)
    codes = table.groups[rows]
    for group in np.unique(codes):
        members = codes == group
        if ranks:
            values[:, members] = rankdata(values[:, members], axis=1) / members.sum()
        values[:, members] -= values[:, members].mean(axis=1, keepdims=True)
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    varies = norms > ROUNDING * (1.0 if ranks else largest)
    return np.where(varies, values / np.where(varies, norms, 1.0), np.nan)


def _products(scaled: Float64) -> Float64:
    products: Float64 = scaled @ scaled.T
    return np.clip(products, -1.0, 1.0)
