"""The figures of distances on one task: means over targets with intervals, nulls and paired differences.

Intervals: targets are resampled by family with replacement (cluster bootstrap, percentiles), since targets of one
family are no independent evidence. Null: the distances of each target are shuffled among its sources, in the same order
for all targets and distances, so that a source that is good for everyone stays so. Differences of two distances are
paired: the same targets, pairs and resampled families.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Language, one_script
from langgeo_inference.api import compare_with_null, holm
from langgeo_transfer.measures import expected_best, kendall, ndcg, spearman, without_main_effects
from langgeo_transfer.table import Task

Float64 = NDArray[np.float64]
FEWEST_SOURCES = 3
"""A target with fewer scored sources has no ranking worth the name, and is left out."""
FEWEST_FAMILIES = 4
"""Intervals need so many families of targets."""
ENGLISH = "eng"
PLAIN, RESIDUAL, ACROSS = SCOPES = ("", "residual", "across-scripts")
"""All pairs; scores and distances without what is common to a target, to a source and to the size of its data; the
sources in other scripts than the target."""
LOSSES = ("loss-1", "loss-3", "regret-english", "regret-single")
"""In the unit of the score; small is good."""


@dataclass(frozen=True)
class Settings:
    """k of NDCG@k, shuffles of the null, resamplings of the intervals, and the seed of both."""

    k: int = 3
    permutations: int = 999
    resamples: int = 5000
    seed: int = 0

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the figures, in their order."""
        return "spearman", "kendall", f"ndcg-{self.k}", *LOSSES


@dataclass(frozen=True)
class Figure:
    """A mean over targets: its 95 % interval over their families, and its null where the figure has one."""

    task: str
    scope: str
    distance: str
    metric: str
    value: float
    low: float | None
    high: float | None
    null_mean: float | None
    null_sd: float | None
    p: float | None
    targets: int
    families: int
    pairs: int


@dataclass(frozen=True)
class Gap:
    """A figure of one distance less that of another, with its two-sided p; adjusted: by Holm, in a task and scope."""

    task: str
    scope: str
    distance: str
    reference: str
    metric: str
    value: float
    low: float | None
    high: float | None
    p: float | None
    adjusted: float | None
    targets: int


@dataclass(frozen=True, eq=False)
class Pairs:
    """The scores of a task, and several distances of the same pairs: (targets, sources) each, NaN where one is missing.

    A pair without one of the distances has no score here, and targets with fewer than `FEWEST_SOURCES` sources left, or
    with equal scores of all, are `left_out`.
    """

    task: str
    targets: tuple[Language, ...]
    sources: tuple[Language, ...]
    scores: Float64
    sizes: Float64
    distances: dict[str, Float64]
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, task: Task, distances: Mapping[str, Float64]) -> Pairs:
        """Those of a task, by the names of the distances, each (targets, sources) as the task has them."""
        known = np.isfinite(task.scores) & np.all([np.isfinite(one) for one in distances.values()], axis=0)
        return _usable(task.name, task.targets, task.sources, task.scores, task.sizes, dict(distances), known)

    def scoped(self, scope: str) -> Pairs:
        """The pairs in one of `SCOPES`."""
        known = np.isfinite(self.scores)
        scores, distances = self.scores, self.distances
        if scope == RESIDUAL:
            scores = without_main_effects(scores, self.sizes)
            distances = {name: without_main_effects(one, self.sizes) for name, one in distances.items()}
        elif scope == ACROSS:
            targets = np.array([one_script(one.script) for one in self.targets])[:, None]
            sources = np.array([one_script(one.script) for one in self.sources])
            known = known & (targets != sources) & (targets != "") & (sources != "")
        return _usable(self.task, self.targets, self.sources, scores, self.sizes, distances, known)

    @property
    def families(self) -> NDArray[np.int64]:
        """(targets,) the number of each target's family; an isolate is its own."""
        _, numbers = np.unique([one.family or one.iso639_3 for one in self.targets], return_inverse=True)
        return numbers.astype(np.int64)


def _usable(task: str, targets: Sequence[Language], sources: Sequence[Language], scores: Float64, sizes: Float64,
            distances: Mapping[str, Float64], known: NDArray[np.bool_]) -> Pairs:  # fmt: skip
    varied = [bool(own.any() and np.ptp(row[own]) > 0) for row, own in zip(scores, known, strict=True)]
    enough = (known.sum(axis=1) >= FEWEST_SOURCES) & np.array(varied, dtype=bool)
    kept = [int(place) for place in np.flatnonzero(enough)]
    left_out = tuple(one.id for place, one in enumerate(targets) if place not in kept)

    def masked(values: Float64) -> Float64:
        return np.where(known, values, np.nan)[kept]

    return Pairs(
        task, tuple(targets[place] for place in kept), tuple(sources), masked(scores), masked(sizes),
        {name: masked(one) for name, one in distances.items()}, left_out,
    )  # fmt: skip


def per_target(pairs: Pairs, settings: Settings, scope: str = PLAIN) -> dict[str, dict[str, Float64]]:
    """By distance and metric, (1 + permutations, targets): the values, and those with shuffled sources."""
    shape = 1 + settings.permutations, len(pairs.targets)
    fixed = {} if scope else {"regret-english": english(pairs), "regret-single": single_source(pairs)}
    found = {name: {metric: np.full(shape, np.nan) for metric in settings.metrics} for name in pairs.distances}
    every = np.arange(len(pairs.sources))
    shuffled = np.random.default_rng(settings.seed).permuted(np.tile(every, (settings.permutations, 1)), axis=1)
    shuffled = np.concatenate([every[None], shuffled])
    for place in range(shape[1]):
        known = np.flatnonzero(np.isfinite(pairs.scores[place]))
        scores, orders = pairs.scores[place, known], among(shuffled, known)
        for name, own in found.items():
            rows = pairs.distances[name][place, known][orders]
            first = expected_best(scores, rows, 1)
            own["spearman"][:, place] = spearman(scores, rows)
            own["kendall"][:, place] = kendall(scores, rows)
            own[f"ndcg-{settings.k}"][:, place] = ndcg(scores, rows, settings.k)
            own["loss-1"][:, place] = scores.max() - first
            own["loss-3"][:, place] = scores.max() - expected_best(scores, rows, 3)
            for metric, always in fixed.items():
                own[metric][:, place] = always[place] - first
    return found


def among(orders: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """(m, n) orders of n known places, from (m, all) orders of all places.

    Where an order has an unknown place, it is followed from there to the next known one.

    Examples
    --------
    >>> among(np.array([[1, 2, 0]]), np.array([0, 2])).tolist()  # 0 → 1 → 2, and 2 → 0
    [[1, 0]]
    """
    place = np.full(orders.shape[1], -1)
    place[known] = np.arange(len(known))
    found = orders[:, known]
    while (rows := np.nonzero(place[found] < 0))[0].size:
        found[rows] = orders[rows[0], found[rows]]
    return place[found]


def english(pairs: Pairs) -> Float64:
    """(targets,) the score of English as the source; NaN where there is none."""
    places = [place for place, one in enumerate(pairs.sources) if one.iso639_3 == ENGLISH]
    return pairs.scores[:, places[0]] if places else np.full(len(pairs.targets), np.nan)


def single_source(pairs: Pairs) -> Float64:
    """(targets,) the score of the source that is best on average for the other targets, of those that have one here."""
    scores = pairs.scores
    centred = scores - np.nanmean(scores, axis=1, keepdims=True)
    known = np.isfinite(centred)
    sums, counts = np.where(known, centred, 0.0).sum(axis=0), known.sum(axis=0)
    left_sums, left_counts = sums - np.where(known, centred, 0.0), counts - known
    means = np.where(known & (left_counts > 0), left_sums / np.maximum(left_counts, 1), -np.inf)
    chosen = means.argmax(axis=1)
    found: Float64 = np.where(np.isfinite(means.max(axis=1)), scores[np.arange(len(scores)), chosen], np.nan)
    return found


def draw_families(families: NDArray[np.int64], count: int, seed: int) -> Float64 | None:
    """(count, targets) how often each target is in a resampling of the families; None for too few families."""
    number = int(families.max(initial=-1)) + 1
    if number < FEWEST_FAMILIES or not count:
        return None
    drawn = np.random.default_rng([seed, 1]).multinomial(number, np.full(number, 1 / number), size=count)
    return drawn[:, families].astype(np.float64)


def resampled(values: Float64, weights: Float64 | None) -> tuple[float | None, float | None, Float64 | None]:
    """The 95 % interval of the mean of (targets,) values, and the (count,) resampled means; NaN values do not count."""
    known = np.isfinite(values)
    if weights is None or not known.any():
        return None, None, None
    total = weights[:, known].sum(axis=1)
    means = (weights[:, known] @ values[known])[total > 0] / total[total > 0]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high), means


def figures(pairs: Pairs, values: Mapping[str, Mapping[str, Float64]], settings: Settings, scope: str) -> list[Figure]:
    """The means over targets of what `per_target` gives, where they are defined."""
    weights = draw_families(pairs.families, settings.resamples, settings.seed)
    found = []
    for name, metrics in values.items():
        for metric, own in metrics.items():
            known = np.isfinite(own[0])
            if not known.any():
                continue
            low, high, _ = resampled(own[0], weights)
            value = float(own[0, known].mean())
            null = None
            if settings.permutations and not metric.startswith("regret"):
                null = compare_with_null(value, own[1:, known].mean(axis=1), falls=metric in LOSSES)
            mean, sd, p = (null.mean, null.sd, null.p) if null else (None, None, None)
            families, count = len(set(pairs.families[known])), int(np.isfinite(pairs.scores[known]).sum())
            one = Figure(
                pairs.task, scope, name, metric, value, low, high, mean, sd, p, int(known.sum()), families, count
            )
            found.append(one)
    return found


def gaps(pairs: Pairs, values: Mapping[str, Mapping[str, Float64]], settings: Settings, scope: str) -> list[Gap]:
    """Every figure of the first distance less that of each other one.

    Not of Kendall's, which tells what Spearman's does, nor of regrets, whose difference is that of the losses.
    """
    reference, *others = values
    weights = draw_families(pairs.families, settings.resamples, settings.seed)
    found = []
    for name in others:
        for metric, own in values[reference].items():
            change = own[0] - values[name][metric][0]
            known = np.isfinite(change)
            if not known.any() or metric.startswith(("kendall", "regret")):
                continue
            low, high, means = resampled(change, weights)
            p = None if means is None else two_sided(means)
            value = float(change[known].mean())
            found.append(Gap(pairs.task, scope, reference, name, metric, value, low, high, p, None, int(known.sum())))
    adjusted = iter(holm([one.p for one in found if one.p is not None]))
    return [one if one.p is None else replace(one, adjusted=next(adjusted)) for one in found]


def two_sided(means: Float64) -> float:
    """The p of no difference: twice the share of resampled differences on the other side of zero, at most 1."""
    beyond = min(int((means <= 0).sum()), int((means >= 0).sum()))
    return min(1.0, 2 * (1 + beyond) / (1 + len(means)))


def analyse(pairs: Pairs, settings: Settings, scopes: Sequence[str] = SCOPES) -> tuple[list[Figure], list[Gap]]:
    """All figures and gaps of a task's pairs, in each scope that has targets."""
    found: list[Figure] = []
    differences: list[Gap] = []
    for scope in scopes:
        own = pairs.scoped(scope) if scope else pairs
        if own.targets:
            values = per_target(own, settings, scope)
            found += figures(own, values, settings, scope)
            differences += gaps(own, values, settings, scope)
    return found, differences
