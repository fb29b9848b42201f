"""How well distances rank the sources of one target: functions of its scores and of one or many rows of distances.

Everywhere `scores` is (n,), higher is better, and `distances` (m, n), nearer is thought better: m rankings of the n
sources. Sources at the same distance count as in random order: each measure is its mean over their orders (Kendall's
and Spearman's have their usual forms for ties).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import comb
from scipy.stats import rankdata

Float64 = NDArray[np.float64]
MOST_RELEVANT = 10
"""The relevance of the best source of a target; the next has one less, from the eleventh on 0 (Lin et al. 2019)."""


def relevance(scores: Float64) -> Float64:
    """(n,) LangRank's graded relevance: 10 for the best source, 9 for the next, …; equal scores have the better grade.

    Examples
    --------
    >>> relevance(np.array([0.2, 0.9, 0.5])).tolist()
    [8.0, 10.0, 9.0]
    """
    grades: Float64 = np.maximum(0.0, MOST_RELEVANT + 1 - rankdata(-scores, method="min"))
    return grades


def spearman(scores: Float64, distances: Float64) -> Float64:
    """(m,) rank correlation of the scores with nearness; 0 where all distances are equal, NaN where all scores are."""
    return _correlation(rankdata(scores), -rankdata(distances, axis=1))


def _correlation(one: Float64, many: Float64) -> Float64:
    one, many = one - one.mean(), many - many.mean(axis=1, keepdims=True)
    size = np.sqrt((one**2).sum() * (many**2).sum(axis=1))
    with np.errstate(invalid="ignore"):
        return np.where(size > 0, (many @ one) / np.where(size > 0, size, 1.0), 0.0 if np.ptp(one) else np.nan)


def kendall(scores: Float64, distances: Float64) -> Float64:
    """(m,) Kendall's τ-b of the scores with nearness; 0 where all distances are equal, NaN where all scores are."""
    order = np.argsort(-scores, kind="stable")
    better = np.sign(scores[order][:, None] - scores[order]).astype(np.float32)
    ranks = rankdata(distances, method="dense", axis=1).astype(np.int16).T[order]
    agreement, untied = np.zeros((2, len(distances)))
    for place in range(len(scores) - 1):
        further = np.sign(ranks[place + 1 :] - ranks[place])
        agreement += better[place, place + 1 :] @ further.astype(np.float32)
        untied += np.count_nonzero(further, axis=0)
    size = np.sqrt(untied * (np.count_nonzero(better) / 2))
    return np.where(size > 0, agreement / np.where(size > 0, size, 1.0), 0.0 if np.ptp(scores) else np.nan)


def ndcg(scores: Float64, distances: Float64, k: int) -> Float64:
    """(m,) normalised discounted cumulative gain of the k nearest sources, with gains 2^relevance − 1.

    As in LangRank (Lin et al. 2019, after Järvelin & Kekäläinen 2002); NaN where all scores are equal.
    """
    gains = 2.0 ** relevance(scores) - 1
    places = np.arange(len(scores))
    discounts = np.where(places < k, 1 / np.log2(places + 2), 0.0)
    summed = np.concatenate([[0.0], np.cumsum(discounts)])
    first, last = _tied(distances)
    weights = (summed[last] - summed[first]) / (last - first)
    best = np.sort(gains)[::-1] @ discounts
    return weights @ gains / best if np.ptp(scores) else np.full(len(distances), np.nan)


def expected_best(scores: Float64, distances: Float64, k: int) -> Float64:
    """(m,) the best score among the k nearest sources.

    Of g sources at the distance of the k-th, j belong to the k; that none of b of them does has the probability
    C(g − b, j) / C(g, j).
    """
    order = np.argsort(-scores, kind="stable")
    first, last = (one[:, order] for one in _tied(distances))
    size, places = last - first, np.clip(k - first, 0, last - first)
    certain, possible = places == size, (places > 0) & (places < size)
    # Of those with a better score: whether one is certainly among the k, how many may be.
    better_certain = np.cumsum(certain, axis=1) > 0
    better_possible = np.cumsum(possible, axis=1)
    group, drawn = (np.where(possible, one, 0).max(axis=1, keepdims=True) for one in (size, places))
    none_of_these = np.where(better_certain, 0.0, comb(group - better_possible, drawn) / comb(group, drawn))
    none_before = np.concatenate([np.ones((len(distances), 1)), none_of_these[:, :-1]], axis=1)
    found: Float64 = (none_before - none_of_these) @ scores[order]
    return found


def _tied(distances: Float64) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(m, n) the first place that each source may have, from 0, and the first that it cannot have any more."""
    first = rankdata(distances, method="min", axis=1).astype(np.int64) - 1
    last = rankdata(distances, method="max", axis=1).astype(np.int64)
    return first, last


def without_main_effects(values: Float64, sizes: Float64) -> Float64:
    """(targets, sources) what is left of values after the averages of each target and source, and the size of the data.

    Least squares of values ~ target + source + log(1 + size) over the pairs that are there; the size takes part where
    every pair has one. A missing pair stays NaN.
    """
    known = np.isfinite(values)
    targets, sources = np.nonzero(known)
    columns = [np.eye(values.shape[0])[targets], np.eye(values.shape[1])[sources]]
    if np.isfinite(sizes[known]).all() and (sizes[known] >= 0).all():
        columns.append(np.log1p(sizes[known])[:, None])
    design = np.concatenate(columns, axis=1)
    fitted = design @ np.linalg.lstsq(design, values[known], rcond=None)[0]
    rest = np.full(values.shape, np.nan)
    # What least squares leaves of an exact fit is rounding, of which no ranking should be made.
    residuals = values[known] - fitted
    scale = float(np.abs(values[known]).max(initial=0.0))
    rest[known] = np.where(np.abs(residuals) <= 1e-9 * scale, 0.0, residuals)
    return rest
