"""How well distances retrieve the languages of a query's class, exact where candidates tie.

Average precision, and the share of a few nearest ones that are of the class.

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
TOGETHER = 256
"""Labellings that are read side by side: their sums, and all the classes of so many, stay in the processor's caches."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """The candidates of each language as a query, the nearest first; distances are read once, whatever the classes.

    Parameters
    ----------
    order : (n, most) positions of candidates, `ABSENT` after the last, int16 where that is enough, else int32
    group : (n, most) the same number for candidates that are equally near, likewise
    """

    order: NDArray[np.signedinteger]
    group: NDArray[np.signedinteger]

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
        kind = np.int16 if len(distances) <= np.iinfo(np.int16).max else np.int32
        return cls(order.astype(kind), group.astype(kind))

    def precisions(self, classes: Int64) -> Float64:
        """(batch, n) average precision of each language as a query; NaN where no candidate is of its class.

        Parameters
        ----------
        classes : (batch, n) codes from 0, `ABSENT` for languages that are left out
        """
        found = np.full(classes.shape, np.nan)
        harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, len(self.order) + 1))])
        for start in range(0, len(classes), TOGETHER):
            labels = classes[start : start + TOGETHER].T.astype(np.int32, order="C")
            _sweep(self.order, self.group, labels, harmonic, found[start : start + TOGETHER])
        return found

    def agreements(self, classes: Int64, nearest: int) -> Float64:
        """(batch,) mean share of a language's `nearest` candidates that are of its class.

        Over the languages whose class has two members. Of a small class no more can be near than there are, so the
        share is of the least of both: 1 is perfect. Candidates that tie for the last places share them evenly. NaN
        where no class has two members.

        Parameters
        ----------
        classes : (batch, n) codes from 0, `ABSENT` for languages that are left out
        """
        found = np.full(len(classes), np.nan)
        _share(self.order, self.group, classes.astype(np.int32), nearest, found)
        return found


@njit(cache=True)  # type: ignore[untyped-decorator]
def _sweep(order: Any, group: Any, labels: Any, harmonic: Any, into: Any) -> None:
    """The (batch, n) precisions of every labelling and query; `labels` are (n, batch)."""
    ends = np.empty(order.shape[1], np.int32)
    for query in range(order.shape[0]):
        count = groups = 0
        while count < order.shape[1] and order[query, count] >= 0:
            groups += count > 0 and group[query, count] != group[query, count - 1]
            count += 1
            ends[groups] = count
        groups += count > 0
        if groups == count:
            found = _untied_precisions(order[query, :count], labels, labels[query])
        else:
            found = _tied_precisions(order[query, :count], ends[:groups], labels, labels[query], harmonic)
        for place in range(len(found)):
            if labels[query, place] >= 0:
                into[place, query] = found[place]


@njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _untied_precisions(order: Any, labels: Any, own: Any) -> Any:
    """(batch,) average precision of a query without ties, whose classes are `own`; NaN without a relative.

    A candidate at a time for all labellings, and without a branch, so that the processor does several at once.
    """
    seen, found, total = np.zeros(len(own)), np.zeros(len(own)), np.zeros(len(own))
    for candidate in order:
        of_candidate = labels[candidate]
        for place in range(len(own)):
            seen[place] += np.float64(of_candidate[place] >= 0)
            relative = np.float64(of_candidate[place] == own[place])
            found[place] += relative
            total[place] += relative * found[place] / max(seen[place], 1.0)
    return total / found


@njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _tied_precisions(order: Any, ends: Any, labels: Any, own: Any, harmonic: Any) -> Any:
    """(batch,) expected average precision, group by group of equally near candidates; NaN without a relative.

    Of a group of `size` with `relatives`, after `before` candidates with `found` relatives, it adds the sum over
    its places of P(a relative is there) · E[precision there | it is], every order equally likely:
    relatives / size · Σ_p (found + 1 + p m) / (before + 1 + p), where m = (relatives − 1) / (size − 1).
    """
    before, found, total = np.zeros(len(own), np.int32), np.zeros(len(own), np.int32), np.zeros(len(own))
    start = 0
    for end in ends:
        size, relatives = np.zeros(len(own), np.int32), np.zeros(len(own), np.int32)
        for candidate in order[start:end]:
            of_candidate = labels[candidate]
            for place in range(len(own)):
                size[place] += of_candidate[place] >= 0
                relatives[place] += of_candidate[place] == own[place]
        for place in range(len(own)):
            if relatives[place]:
                more = (relatives[place] - 1) / max(size[place] - 1, 1)
                inverses = harmonic[before[place] + size[place]] - harmonic[before[place]]
                first = found[place] + 1 - more * (before[place] + 1)
                total[place] += relatives[place] / size[place] * (more * size[place] + first * inverses)
        before, found, start = before + size, found + relatives, end
    return total / found


@njit(cache=True)  # type: ignore[untyped-decorator]
def _share(order: Any, group: Any, classes: Any, nearest: int, into: Any) -> None:
    """The mean shares of every labelling."""
    for batch in range(classes.shape[0]):
        labels = classes[batch]
        sizes = np.zeros(labels.max() + 2, np.int64)
        for label in labels:
            sizes[label] += label >= 0
        total, queries = 0.0, 0
        for query in range(labels.shape[0]):
            own = labels[query]
            if own < 0 or sizes[own] < 2:
                continue
            votes, taken = _votes(order[query], group[query], labels, own, nearest)
            total += votes / max(min(taken, sizes[own] - 1), 1)
            queries += 1
        if queries:
            into[batch] = total / queries


@njit(cache=True)  # type: ignore[untyped-decorator]
def _votes(order: Any, group: Any, labels: Any, own: int, nearest: int) -> tuple[float, int]:
    """How many of a query's nearest candidates are relatives, and how many candidates that are."""
    votes, taken, place = 0.0, 0, 0
    while taken < nearest and place < order.shape[0] and order[place] >= 0:
        present, size, relatives = group[place], 0, 0
        while place < order.shape[0] and order[place] >= 0 and group[place] == present:
            label = labels[order[place]]
            size += label >= 0
            relatives += label == own
            place += 1
        if size:
            few = min(size, nearest - taken)
            votes += relatives * few / size
            taken += few
    return votes, taken


def neighbour_agreement(distances: Float64, classes: Int64, nearest: int = 1) -> float:
    """`Ranking.agreements` of (n, n) distances and the (n,) classes of all languages."""
    everyone = np.ones(distances.shape, dtype=np.bool_)
    return float(Ranking.of(distances, everyone).agreements(classes[np.newaxis], nearest)[0])


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
