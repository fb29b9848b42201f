"""How well distances retrieve the languages of a query's class: average precision, exact where candidates tie.

A query ranks its candidates by distance; those of its class are its relatives. Its average precision is the mean, over
its relatives, of the share of relatives among the candidates up to that one. Among equally near candidates any order
is as good as another, so it is the expected value over all their orders, in closed form (McSherry & Najork 2008,
Computing information retrieval performance measures efficiently in the presence of tied scores, ECIR).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

ABSENT = -1
"""In place of a candidate: there are no more. In place of a class: the language is neither query nor candidate."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """The candidates of each language as a query, the nearest first; distances are read once, whatever the classes.

    Parameters
    ----------
    order : (n, most) positions of candidates, `ABSENT` after the last, int32
    group : (n, most) the same number for candidates that are equally near, int32
    """

    order: NDArray[np.int32]
    group: NDArray[np.int32]

    @classmethod
    def of(cls, distances: Float64, allowed: NDArray[np.bool_]) -> Self:
        """From (n, n) distances; `allowed[i, j]` tells whether j may be a candidate of i. Missing pairs are none."""
        candidates = allowed & np.isfinite(distances)
        np.fill_diagonal(candidates, False)
        count = candidates.sum(axis=1)
        far = np.where(candidates, distances, np.inf)
        order = np.argsort(far, axis=1, kind="stable")[:, : int(count.max())]
        sorted_distances = np.take_along_axis(far, order, axis=1)
        group = np.zeros(order.shape, dtype=np.int32)
        group[:, 1:] = np.cumsum(sorted_distances[:, 1:] != sorted_distances[:, :-1], axis=1)
        order[np.arange(order.shape[1]) >= count[:, np.newaxis]] = ABSENT
        return cls(order.astype(np.int32), group)

    def precisions(self, classes: Int64) -> Float64:
        """(batch, n) average precision of each language as a query; NaN where no candidate is of its class.

        Parameters
        ----------
        classes : (batch, n) codes from 0, `ABSENT` for languages that are left out
        """
        found = np.full(classes.shape, np.nan)
        _sweep(self.order, self.group, classes.astype(np.int32), found)
        return found


@njit(cache=True)  # type: ignore[untyped-decorator]
def _sweep(order: Any, group: Any, classes: Any, into: Any) -> None:
    """The precisions of every labelling and query."""
    for batch in range(classes.shape[0]):
        labels = classes[batch]
        for query in range(labels.shape[0]):
            if labels[query] >= 0:
                into[batch, query] = _precision(order[query], group[query], labels, labels[query])


@njit(cache=True)  # type: ignore[untyped-decorator]
def _precision(order: Any, group: Any, labels: Any, own: int) -> float:
    """Expected average precision of one query, in one pass over its candidates; NaN without a relative."""
    before = found = size = relatives = 0
    total, present = 0.0, -1
    for place in range(order.shape[0]):
        candidate = order[place]
        if candidate < 0:
            break
        label = labels[candidate]
        if label < 0:
            continue
        if group[place] != present:
            if relatives:
                total += _gain(before, found, size, relatives)
            before += size
            found += relatives
            size = relatives = 0
            present = group[place]
        size += 1
        relatives += label == own
    if relatives:
        total += _gain(before, found, size, relatives)
        found += relatives
    return total / found if found else np.nan


@njit(cache=True)  # type: ignore[untyped-decorator]
def _gain(before: int, found: int, size: int, relatives: int) -> float:
    """Σ over a group's places of P(a relative is there) · E[precision there | it is], every order equally likely.

    `before` candidates are nearer than the group, `found` of them relatives. Of the group's `size`, `relatives` are.
    """
    if size == 1:
        return (found + 1) / (before + 1)
    more = (relatives - 1) / (size - 1)
    total = 0.0
    for place in range(size):
        total += (found + 1 + place * more) / (before + 1 + place)
    return total * relatives / size


def mean_precisions(precisions: Float64, classes: Int64) -> tuple[Float64, Float64]:
    """(batch,) each: the mean over queries, and the mean over classes of the means over their queries.

    NaN where there is no query.

    Parameters
    ----------
    precisions : (batch, n), NaN for languages that are no query
    classes : (batch, n) codes
    """
    batch, count = len(classes), int(classes.max(initial=0)) + 1
    known = np.isfinite(precisions)
    cells = (classes + np.arange(batch)[:, np.newaxis] * count)[known]
    sums = np.bincount(cells, precisions[known], batch * count).reshape(batch, count)
    sizes = np.bincount(cells, minlength=batch * count).reshape(batch, count)
    by_class = sums / np.maximum(sizes, 1)
    return _ratio(sums.sum(axis=1), sizes.sum(axis=1)), _ratio(by_class.sum(axis=1), (sizes > 0).sum(axis=1))


def _ratio(sums: Float64, counts: Int64) -> Float64:
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def class_interval(value: float, left_out: Float64) -> tuple[float, float] | None:
    """95 % interval of a share over classes, from its values without the languages of one class each.

    The delete-one-group jackknife around the value itself, se² = (G − 1)/G · Σ (θ_(g) − θ)², with Student's t of G − 1
    degrees of freedom, for few groups of unequal size (the estimator CV3 of MacKinnon, Nielsen & Webb 2023,
    Cluster-robust inference, Journal of Econometrics 232). None with fewer than two classes.

    Parameters
    ----------
    left_out : (G,)
    """
    from scipy.stats import t

    count = len(left_out)
    if count < 2 or not np.isfinite(left_out).all():
        return None
    error = np.sqrt((count - 1) / count * ((left_out - value) ** 2).sum())
    reach = float(t.ppf(0.975, count - 1) * error)
    return max(value - reach, 0.0), min(value + reach, 1.0)
