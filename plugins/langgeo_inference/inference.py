"""The statistics that evaluators share: nulls, intervals, tests and corrections, as functions of arrays.

Null: a figure under shuffled labels, see `shuffles` and `compare_with_null`. Interval and standard error: the
delete-half jackknife (Shao & Wu 1989) over halves of the languages, see `draw_halves` and `half_interval`. Halves come
in pairs that share no language, as in half-sample replication (McCarthy 1969), and are drawn without replacement,
since copies of a language would be at distance 0. The two halves of a pair are independent draws of languages, so a
figure's bias at half the number of languages, as the agreement of neighbours has one, cancels in their difference.
Differences are paired: both figures are computed on the same halves, see `paired_difference`. Several tests: `holm`.

An evaluator that states its results as `Figure`s gets rows of metrics.csv from `metrics_of`, and its values on subsets
of the languages, which paired comparisons need, from `values_on_subsets`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, PositiveInt

from langgeo_core.api import Evaluation, Metric, Options

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Question = tuple[str, str, str, str]
"""As `Metric.question`: evaluator, level, clusterer, metric."""

NORMAL_95 = 1.959963984540054
FEWEST = 4
"""The fewest languages that have halves to compare: two halves of two."""
SIGNIFICANT = 0.05
"""Below this p a figure differs from chance, or from another figure."""
FEW = 30
"""Fewer languages than this are too few for conclusions."""
DROWNED = 0.5
"""From this share on of language pairs below the noise floor, no agreement is evidence."""
TINY = 1e-12
"""Differences below this are rounding: of two values, of a difference from 0, of an error from 0."""


class ResamplingOptions(Options):
    """Options of an evaluator that resamples: how many shuffles make its nulls, and how many halves its intervals."""

    permutations: PositiveInt = Field(999, description="Number of shuffled labellings behind each null.")
    subsamples: int = Field(200, ge=2, description="Number of halves of the languages behind each interval.")

    def least(self) -> Self:
        """The same with as little resampling as is allowed: for values that are read without null or interval."""
        return self.model_copy(update=dict(permutations=1, subsamples=2))

    def none(self) -> Self:
        """The same without any resampling."""
        return self.model_copy(update=dict(permutations=0, subsamples=0))


def shuffles(groups: int | ArrayLike, count: int, rng: np.random.Generator) -> Int64:
    """(count, n) random orders of n languages, for a null.

    Parameters
    ----------
    groups : n, or (n,) the group of each language, such as its script: then languages change places only within their
        group
    """
    codes = np.zeros(groups) if isinstance(groups, int) else np.asarray(groups)
    orders = np.tile(np.arange(len(codes), dtype=np.int64), (count, 1))
    for group in np.unique(codes):
        members = np.flatnonzero(codes == group)
        orders[:, members] = rng.permuted(np.tile(members, (count, 1)), axis=1)
    return orders


@dataclass(frozen=True)
class Null:
    """The mean and standard deviation of a figure under shuffled labels, and the p of its value against them."""

    mean: float
    sd: float
    p: float


def compare_with_null(value: float, shuffled: Float64, falls: bool = False) -> Null:
    """One-sided permutation test: p = (1 + #{shuffled ≥ value}) / (1 + count), or ≤ where the figure `falls`.

    Parameters
    ----------
    shuffled : (count,) the figure under shuffled labels
    falls : whether small values are good, as of a distance
    """
    if falls:
        mirrored = compare_with_null(-value, -shuffled)
        return Null(-mirrored.mean, mirrored.sd, mirrored.p)
    reached = int((shuffled >= value - TINY).sum())
    return Null(float(shuffled.mean()), float(shuffled.std()), (1 + reached) / (1 + len(shuffled)))


def draw_halves(n: int, count: int, rng: np.random.Generator) -> Int64:
    """(count, n // 2) positions of random halves of n languages, each pair of rows disjoint."""
    orders = rng.permuted(np.tile(np.arange(n, dtype=np.int64), (-(-count // 2), 1)), axis=1)
    halves = orders[:, : 2 * (n // 2)].reshape(2 * len(orders), n // 2)
    return np.sort(halves[:count], axis=1)


def half_error(on_halves: Float64, n: int) -> float | None:
    """Standard error over languages of a figure of n languages, from its values on the halves of `draw_halves`.

    se² = m/2n · mean((θ_one − θ_other)²) over pairs of halves, m = n // 2. Pairs without a value (NaN) are left out;
    None where these are the majority, or where n < `FEWEST`.
    """
    pairs = on_halves[: 2 * (len(on_halves) // 2)].reshape(-1, 2)
    apart = pairs[:, 0] - pairs[:, 1]
    known = apart[np.isfinite(apart)]
    if n < FEWEST or not len(known) or 2 * len(known) <= len(apart):
        return None
    return float(np.sqrt((n // 2) / (2 * n) * np.mean(known**2)))


def half_interval(
    value: float, on_halves: Float64, n: int, bounds: tuple[float, float] = (-math.inf, math.inf)
) -> tuple[float, float] | None:
    """95 % interval over languages: value ± 1.96 of `half_error`, cut at the figure's bounds; None without an error."""
    if (error := half_error(on_halves, n)) is None:
        return None
    return max(value - NORMAL_95 * error, bounds[0]), min(value + NORMAL_95 * error, bounds[1])


@dataclass(frozen=True)
class Difference:
    """The difference of two figures, its 95 % interval, and the two-sided p of no difference.

    Interval and p are None where they cannot be computed: too few languages, too few halves with a value, or no
    variation to test against.
    """

    delta: float
    low: float | None = None
    high: float | None = None
    p: float | None = None


def paired_difference(delta: float, on_halves: Float64, n: int) -> Difference:
    """The difference with a normal interval and test.

    Parameters
    ----------
    delta : over all n languages
    on_halves : (halves,) the difference on each of `draw_halves`, NaN where a figure is undefined there
    """
    error = half_error(on_halves, n)
    if error is None or (error <= TINY < abs(delta)):
        return Difference(delta)
    p = math.erfc(abs(delta) / error / math.sqrt(2)) if abs(delta) > TINY else 1.0
    return Difference(delta, delta - NORMAL_95 * error, delta + NORMAL_95 * error, p)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number (Holm 1979), in the order given.

    The i-th smallest of m is multiplied by m − i + 1; adjusted values never fall in that order, and are at most 1.

    Examples
    --------
    >>> holm([0.01, 0.04])
    [0.02, 0.04]
    """
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = largest
    return adjusted


@dataclass(frozen=True, eq=False)
class Figure:
    """A result of an evaluator with everything that its row in metrics.csv is made of.

    Parameters
    ----------
    name : as metrics.csv has it
    value : NaN where it is undefined
    n : number of languages behind the value
    halved : (subsamples,) its value on halves of the languages, or None
    shuffled : (permutations,) its value under shuffled labels, or None
    bounds : the smallest and the largest possible value
    falls : whether small values are good, as of a distance
    level : of classes, where it is about one
    """

    name: str
    value: float
    n: int
    halved: Float64 | None = None
    shuffled: Float64 | None = None
    bounds: tuple[float, float] = (-math.inf, math.inf)
    falls: bool = False
    level: str = ""

    def metric(self, evaluator: str) -> Metric:
        """The row: with standard error and interval from `halved`, null and p from `shuffled`."""
        found = Metric(evaluator, self.name, self.value, self.n, level=self.level)
        if self.halved is not None:
            low, high = half_interval(self.value, self.halved, self.n, self.bounds) or (None, None)
            found = replace(found, sd=half_error(self.halved, self.n), ci_low=low, ci_high=high)
        if self.shuffled is not None:
            null = compare_with_null(self.value, self.shuffled, self.falls)
            found = replace(found, null_mean=null.mean, null_sd=null.sd, p=null.p)
        return found


def metrics_of(evaluator: str, figures: Iterable[Figure]) -> list[Metric]:
    """The rows of an evaluator's figures, without those that are undefined."""
    return [figure.metric(evaluator) for figure in figures if math.isfinite(figure.value)]


def values_on_subsets(
    evaluator: str,
    evaluation: Evaluation,
    subsets: Sequence[Sequence[str]],
    figures: Callable[[Evaluation], Iterable[Figure]],
) -> dict[Question, Float64]:
    """(subsets,) the value of every figure on each subset of the languages, NaN where it is undefined.

    Parameters
    ----------
    subsets : ids of languages of the evaluation
    figures : from an evaluation of a subset, with its languages, distances and labels alone, to its figures
    """
    known = {language.id: row for row, language in enumerate(evaluation.languages)}
    found: dict[Question, Float64] = {}
    for place, ids in enumerate(subsets):
        rows = [known[one] for one in ids]
        subset = replace(
            evaluation,
            languages=tuple(evaluation.languages[row] for row in rows),
            distances=evaluation.distances.subset(ids),
            labels={level: tuple(classes[row] for row in rows) for level, classes in evaluation.labels.items()},
        )
        for figure in figures(subset):
            values = found.setdefault((evaluator, figure.level, "", figure.name), np.full(len(subsets), np.nan))
            values[place] = figure.value
    return found


def p_text(p: float) -> str:
    """Three digits, or `< 0.001`: no p is zero."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
