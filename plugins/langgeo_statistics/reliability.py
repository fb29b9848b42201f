"""How far the distances can be trusted: replicates of each language's text, and models and corpora, against each other.

The replicates of a language lie apart although the language is the same: their mean distance is the noise floor, at
1/R of the text. The difference of two languages is significant where a replicate of one and another replicate of the
other lie farther apart, on average, than the replicates of either, and farther than the replicates of one language do
by chance: one-sided against the prediction of one more such distance (Student's t, n − 1 degrees of freedom), with a
false discovery rate over all pairs below `FALSE_DISCOVERIES` (Benjamini & Hochberg 1995). With more than two replicates
both sides are means over pairs of replicates, and the test errs on the side of caution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Evaluation, Incident, Metric, Replicates, ResolvedConfig
from langgeo_inference.api import draw_halves, half_error, half_interval
from langgeo_statistics.comparisons import comparison_rows
from langgeo_statistics.k_sweep import k_sweep

Float64 = NDArray[np.float64]
Matrices = Mapping[tuple[str, str], DistanceMatrix]
EVALUATOR = "reliability"
SUBSAMPLES = 200
FALSE_DISCOVERIES = 0.05
"""Of the significant pairs, the largest expected share of false ones."""


class Reliability:
    """A `protocols.Reliability`."""

    def metrics(self, replicates: Replicates | None, matrices: Matrices, seed: int) -> list[Metric]:
        """The figures of the replicates, then those of the models and corpora."""
        return [*(replicate_metrics(replicates, seed) if replicates else ()), *agreement_metrics(matrices)]

    def rows(self, replicates: Replicates) -> Iterator[dict[str, Any]]:
        """As `language_rows`."""
        return language_rows(replicates)

    def sweep(self, config: ResolvedConfig, given: Evaluation) -> Iterator[dict[str, Any]]:
        """As `k_sweep`."""
        return k_sweep(config, given)

    def comparisons(
        self, config: ResolvedConfig, given: Evaluation, baselines: Mapping[str, Evaluation], incidents: list[Incident]
    ) -> Iterator[dict[str, Any]]:
        """As `comparison_rows`."""
        return comparison_rows(config, given, baselines, incidents)


@dataclass(frozen=True, eq=False)
class Noise:
    """Distances between replicates of texts, in the groups that their noise follows from; NaN where a pair is missing.

    Parameters
    ----------
    ids : (n,) languages
    own : (n,) mean between the replicates of each
    within : (R, n, n) among the languages' first replicates, their second ones and so on
    across : (n, n) mean between different replicates of two languages; NaN on the diagonal
    """

    ids: tuple[str, ...]
    own: Float64
    within: Float64
    across: Float64

    @classmethod
    def of(cls, replicates: Replicates) -> Self:
        """From the distances of all replicates."""
        values, numbers = replicates.values, range(replicates.count)
        across = replicates.between(numbers)
        own = np.diagonal(across).copy()
        np.fill_diagonal(across, np.nan)
        return cls(replicates.languages, own, np.array([values[:, number, :, number] for number in numbers]), across)

    def subset(self, rows: NDArray[np.int64]) -> Noise:
        """Some of the languages, by position."""
        square, ids = np.ix_(rows, rows), tuple(self.ids[row] for row in rows)
        return Noise(ids, self.own[rows], self.within[:, rows][:, :, rows], self.across[square])

    @cached_property
    def floors(self) -> Float64:
        """(n, n) the floor of each pair: the larger one of the two languages'."""
        floors: Float64 = np.maximum(self.own[:, np.newaxis], self.own)
        return floors

    @cached_property
    def below(self) -> NDArray[np.bool_]:
        """(n, n) whether a pair is known and its difference not significant."""
        known = self.pairs
        apart = np.zeros(known.shape, dtype=bool)
        apart[known] = self._rates[known] < FALSE_DISCOVERIES
        apart |= apart.T
        return np.asarray((known | known.T) & ((self.across <= self.floors) | ~apart))

    @property
    def _rates(self) -> Float64:
        """(n, n) the false discovery rate at which each known pair, above the diagonal, would be significant."""
        from scipy.stats import false_discovery_control, t

        own, known = self.own[np.isfinite(self.own)], self.pairs
        rates = np.full(known.shape, np.nan)
        if known.any():
            error = float(own.std(ddof=1)) * np.sqrt(1 + 1 / len(own))
            beyond = self.across[known] - own.mean()
            chances = t.sf(beyond / error, len(own) - 1) if error > 0 else np.where(beyond > 0, 0.0, 1.0)
            rates[known] = false_discovery_control(chances)
        return rates

    @property
    def pairs(self) -> NDArray[np.bool_]:
        """(n, n) the known pairs, each once."""
        return np.triu(np.isfinite(self.across) & np.isfinite(self.floors), k=1)


def split_half(noise: Noise) -> float:
    """Spearman's rank correlation of the distances within two replicates, the mean over pairs of replicates."""
    return rank_correlation(*noise.within)


def rank_correlation(*matrices: Float64) -> float:
    """Spearman's, the mean over pairs of (n, n) matrices, over the pairs of languages that all have.

    NaN for fewer than three pairs of languages, or where those of a matrix are all equal.
    """
    from scipy.stats import rankdata

    upper = np.triu(np.isfinite(matrices).all(axis=0), k=1)
    if upper.sum() < 3:
        return float("nan")
    ranks = [rankdata(matrix[upper]) for matrix in matrices]
    if min(np.ptp(one) for one in ranks) == 0:
        return float("nan")
    return float(np.corrcoef(ranks)[np.triu_indices(len(ranks), 1)].mean())


def spearman_brown(correlation: float, times: int = 2) -> float:
    """What two measurements `times` as long would correlate, kr / (1 + (k − 1)r) (Spearman 1910; Brown 1910).

    A negative correlation has no such forecast: it stays as it is.
    """
    return times * correlation / (1 + (times - 1) * correlation) if correlation > 0 else correlation


def noise_floor(noise: Noise) -> float:
    """The mean distance between a language's own replicates."""
    own = noise.own[np.isfinite(noise.own)]
    return float(own.mean()) if len(own) else float("nan")


def floor_share(noise: Noise) -> float:
    """The noise floor as a share of the mean distance between languages."""
    known = noise.pairs
    mean = float(noise.across[known].mean()) if known.any() else 0.0
    return noise_floor(noise) / mean if mean else float("nan")


def below_floor(noise: Noise) -> float:
    """Share of the known pairs without a significant difference; NaN without any."""
    known = noise.pairs
    return float(noise.below[known].mean()) if known.any() else float("nan")


def same_nearest(noise: Noise) -> float:
    """Share of languages with the same nearest neighbour in two replicates, the mean over pairs of replicates."""
    found = np.array(
        [
            [-1 if (near := nearest(row, at, noise.ids)) is None else near for at, row in enumerate(one)]
            for one in noise.within
        ]
    )
    first, second = np.triu_indices(len(found), 1)
    known = (found[first] >= 0) & (found[second] >= 0)
    same = known & (found[first] == found[second])
    pairs = known.any(axis=1)
    return float((same.sum(axis=1)[pairs] / known.sum(axis=1)[pairs]).mean()) if pairs.all() else float("nan")


def nearest(row: Float64, own: int, ids: Sequence[str]) -> int | None:
    """The position of the nearest other language, the first by id of several; None where no pair is known."""
    others = row.copy()
    others[own] = np.nan
    if not np.isfinite(others).any():
        return None
    return min(np.flatnonzero(others == np.nanmin(others)).tolist(), key=ids.__getitem__)


_FIGURES: dict[str, tuple[Callable[[Noise], float], tuple[float, float]]] = {
    "split_half": (split_half, (-1.0, 1.0)),
    "split_half_whole": (lambda noise: spearman_brown(split_half(noise), len(noise.within)), (-1.0, 1.0)),
    "noise_floor": (noise_floor, (0.0, np.inf)),
    "floor_share": (floor_share, (0.0, np.inf)),
    "below_floor": (below_floor, (0.0, 1.0)),
    "same_nearest": (same_nearest, (0.0, 1.0)),
}
"""The figures of replicates, with their bounds; `split_half_whole` is for texts as long as all replicates together."""


def replicate_metrics(replicates: Replicates, seed: int) -> list[Metric]:
    """A row for each figure that is defined, with an interval from halves of the languages without replacement."""
    noise = Noise.of(replicates)
    n = len(noise.ids)
    drawn = [noise.subset(rows) for rows in draw_halves(n, SUBSAMPLES, np.random.default_rng(seed))]
    rows = []
    for name, (figure, bounds) in _FIGURES.items():
        value = figure(noise)
        if np.isfinite(value):
            halved = np.array([figure(half) for half in drawn])
            low, high = half_interval(value, halved, n, bounds) or (None, None)
            rows.append(Metric(EVALUATOR, name, value, n, sd=half_error(halved, n), ci_low=low, ci_high=high))
    return rows


def language_rows(replicates: Replicates) -> Iterator[dict[str, Any]]:
    """Each language's floor, its nearest other with that distance, and all those without a significant difference."""
    noise = Noise.of(replicates)
    for index, language in enumerate(noise.ids):
        near = nearest(noise.across[index], index, noise.ids)
        below = [noise.ids[other] for other in np.flatnonzero(noise.below[index])]
        known = near is not None and bool(np.isfinite(noise.floors[index, near]))
        yield {
            "language": language,
            "floor": float(noise.own[index]),
            "nearest": "" if near is None else noise.ids[near],
            "distance": None if near is None else float(noise.across[index, near]),
            "told_apart": ("no" if below else "yes") if known else "",
            "below_floor": " ".join(below),
        }


def agreement_metrics(matrices: Matrices) -> list[Metric]:
    """Rank correlation of every two matrices, and the shares of variance; none for a single matrix."""
    rows = []
    for one, other in combinations(matrices, 2):
        shared = [identifier for identifier in matrices[one].ids if identifier in set(matrices[other].ids)]
        value = rank_correlation(matrices[one].subset(shared).values, matrices[other].subset(shared).values)
        level = f"{'--'.join(one)} ~ {'--'.join(other)}"
        if np.isfinite(value):
            rows.append(Metric(EVALUATOR, "agreement", value, len(shared), level=level))
    shares = variance_shares(matrices)
    n = len(shared_languages(matrices)) if shares else 0
    return [*rows, *(Metric(EVALUATOR, f"variance_{name}", share, n) for name, share in shares.items())]


def variance_shares(matrices: Matrices) -> dict[str, float]:
    """Shares of the variance of distances by its source, for matrices by model and corpus.

    `pair`: what all agree on; `model` and `corpus`: pairs that are near to some models, or in some corpora, alone;
    `residual`: the rest, in which a single corpus leaves the models' differences and a single model the corpora's.
    Random effects by the method of moments, negative ones taken as 0 (Searle, Casella & McCulloch 1992), over the
    pairs that all matrices have, each matrix divided by its mean. Pairs that share a language are not independent, so
    these describe and do not test. Empty without two matrices of a full grid, or three shared pairs.
    """
    models = list(dict.fromkeys(model for model, _ in matrices))
    corpora = list(dict.fromkeys(corpus for _, corpus in matrices))
    if len(matrices) < 2 or len(matrices) < len(models) * len(corpora):
        return {}
    ids = shared_languages(matrices)
    upper = np.triu_indices(len(ids), k=1)
    values = np.array([[matrices[model, corpus].subset(ids).values[upper] for corpus in corpora] for model in models])
    grid = np.moveaxis(values, -1, 0)
    grid = grid[np.isfinite(grid).all(axis=(1, 2))]
    if len(grid) < 3 or not grid.mean(axis=0).all():
        return {}
    components = _components(grid / grid.mean(axis=0))
    total = sum(components.values())
    return {name: value / total for name, value in components.items()} if total > 0 else {}


def shared_languages(matrices: Matrices) -> tuple[str, ...]:
    """The languages of the pairs that all matrices have."""
    first, *others = matrices.values()
    ids = [identifier for identifier in first.ids if all(identifier in set(one.ids) for one in others)]
    everywhere = np.all([np.isfinite(matrix.subset(ids).values) for matrix in matrices.values()], axis=0)
    return tuple(identifier for identifier, pairs in zip(ids, everywhere.sum(axis=1), strict=True) if pairs > 1)


def _components(grid: Float64) -> dict[str, float]:
    """Variances by source of (pairs, models, corpora) distances; a factor of one level has none."""
    pairs, models, corpora = grid.shape
    pair = grid.mean(axis=(1, 2), keepdims=True) - grid.mean()
    with_model = grid.mean(axis=2, keepdims=True) - grid.mean() - pair
    with_corpus = grid.mean(axis=1, keepdims=True) - grid.mean() - pair
    between = models * corpora * float((pair**2).sum()) / (pairs - 1)
    if min(models, corpora) == 1:
        rest = _square(grid - grid.mean() - pair, pairs - 1, models * corpora - 1)
        return {"pair": max(0.0, (between - rest) / (models * corpora)), "residual": rest}
    rest = _square(grid - grid.mean() - pair - with_model - with_corpus, pairs - 1, (models - 1) * (corpora - 1))
    by_model = corpora * _square(with_model, pairs - 1, models - 1)
    by_corpus = models * _square(with_corpus, pairs - 1, corpora - 1)
    return {
        "pair": max(0.0, (between - by_model - by_corpus + rest) / (models * corpora)),
        "model": max(0.0, (by_model - rest) / corpora),
        "corpus": max(0.0, (by_corpus - rest) / models),
        "residual": rest,
    }


def _square(effects: Float64, *freedom: int) -> float:
    return float((effects**2).sum()) / float(np.prod(freedom))
