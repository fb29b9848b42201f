"""What share of some distances others explain, from their correlations alone.

Multiple regression on distance matrices (Legendre, Lapointe & Casgrain 1994) is least squares over pairs; only its
test differs, since pairs of the same languages depend on each other. So R² of any set of predictors follows from the
correlations of the matrices.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

MOST_PREDICTORS = 12
"""Shares average over all subsets of the predictors, of which there are 2 to this power."""

COLLINEAR = 1e-10
"""Predictors whose correlations have a smaller eigenvalue than this are redundant, and share what they explain."""


def explained(among: Float64, between: Float64) -> Float64:
    """(...,) R² of a regression on all predictors, between 0 and 1.

    Parameters
    ----------
    among : (..., p, p) correlations of the predictors; those of which one is NaN give NaN
    between : (..., p) correlations of the predictors with what is explained
    """
    if not between.shape[-1]:
        return np.zeros(between.shape[:-1])
    known = np.asarray(np.isfinite(among).all(axis=(-2, -1)))
    inverse = np.linalg.pinv(np.where(known[..., np.newaxis, np.newaxis], among, 0.0), rcond=COLLINEAR, hermitian=True)
    shares: Float64 = np.einsum("...i,...ij,...j->...", between, inverse, between)
    return np.where(known & np.isfinite(between).all(axis=-1), np.clip(shares, 0.0, 1.0), np.nan)


def alone(between: Float64) -> Float64:
    """(..., p) R² of each predictor by itself."""
    return between**2


def unique(among: Float64, between: Float64) -> Float64:
    """(..., p) what R² loses without each predictor: what it explains and no other does."""
    whole = explained(among, between)
    without = [explained(*_subset(among, between, _others(between, left))) for left in range(between.shape[-1])]
    return np.maximum(whole[..., np.newaxis] - np.stack(without, axis=-1), 0.0)


def unique_by_chance(among: Float64, between: Float64, crossed: Float64) -> Float64:
    """(permutations, p) what each predictor's shuffled residual adds to R² beyond the others.

    Double semi-partialling (Dekker, Krackhardt & Snijders 2007): what the others leave of a predictor is shuffled and
    put in its place. Under one set of others `unique` grows with the partial F, unique / (1 − R²), so to compare it
    with these is to compare partial Fs, which shuffles of the distances themselves would not: among those, little is
    explained, and what is left for chance to explain is larger. 0 for a predictor that the others explain.

    Parameters
    ----------
    among : (p, p) correlations of the predictors
    between : (p,) correlations of the predictors with what is explained
    crossed : (permutations, 1 + p, p) correlations of what is explained, then of the predictors, with each predictor's
        shuffle; the same languages change places in all of them
    """
    return np.stack([_added(among, between, crossed, one) for one in range(len(between))], axis=-1)


def _added(among: Float64, between: Float64, crossed: Float64, one: int) -> Float64:
    """(permutations,) what the shuffled residual of one predictor adds."""
    others = _others(between, one)
    inside, towards = _subset(among, among[one], others)
    residual = np.zeros(len(between))
    residual[[one, *others]] = 1.0, *(-np.linalg.pinv(inside, rcond=COLLINEAR, hermitian=True) @ towards)
    size = residual @ among @ residual
    if size <= COLLINEAR:
        return np.zeros(len(crossed))
    moved = crossed @ residual / np.sqrt(size)
    replaced = np.tile(among, (len(crossed), 1, 1))
    replaced[:, one], replaced[:, :, one] = moved[:, 1:], moved[:, 1:]
    replaced[:, one, one] = 1.0
    facing = np.tile(between, (len(crossed), 1))
    facing[:, one] = moved[:, 0]
    return np.maximum(explained(replaced, facing) - explained(*_subset(among, between, others)), 0.0)


def shares(among: Float64, between: Float64) -> Float64:
    """(..., p) what each predictor adds to R², averaged over all orders in which they can enter; they sum to R².

    Shapley's value of the predictors (Lindeman, Merenda & Gold 1980; Shapley 1953). What several explain together
    is divided among them, which says nothing about which of them is the cause.
    """
    count = between.shape[-1]
    total = np.zeros(between.shape)
    known = {
        chosen: explained(*_subset(among, between, chosen))
        for size in range(count + 1)
        for chosen in combinations(range(count), size)
    }
    for chosen, whole in known.items():
        weight = count * comb(count - 1, len(chosen) - 1) if chosen else 1
        for place, predictor in enumerate(chosen):
            total[..., predictor] += (whole - known[chosen[:place] + chosen[place + 1 :]]) / weight
    return total


def _others(between: Float64, left: int) -> tuple[int, ...]:
    return tuple(place for place in range(between.shape[-1]) if place != left)


def _subset(among: Float64, between: Float64, chosen: tuple[int, ...]) -> tuple[Float64, Float64]:
    rows = np.array(chosen, dtype=np.int64)
    return among[..., rows[:, np.newaxis], rows], between[..., rows]
