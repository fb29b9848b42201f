"""Agreement of distances and clusters with the classes of the languages at a level, from any source of classes.

Of the distances: `map`, the mean average precision of retrieving the languages of a query's class, from all languages,
from those in other scripts and from those in its own; `silhouette`; and `nn1`, `nn3`, `nn5`, the share of the 1, 3 and
5 nearest neighbours of the same class. Of each clusterer: `ari`, `ami`, `v_measure`, `purity`, and `noise` where it may
leave languages out. Each with a null (shuffled classes), a second null within scripts, an interval from halves of the
languages, and its value without near duplicates; of retrieval also as a mean over classes, and an interval over these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Clustering, DistanceMatrix, Evaluation, Language, Metric
from langgeo_inference.api import Figure, Question, ResamplingOptions, compare_with_null, draw_halves, shuffles
from langgeo_labels.agreement import AGREEMENTS, Tables, agreements, silhouettes
from langgeo_labels.near_duplicates import one_of_each
from langgeo_labels.retrieval import ABSENT, Ranking, class_interval, mean_precisions
from langgeo_labels.scripts import ACROSS, WITHIN, pairs_by_script, shuffles_within_scripts

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

NEIGHBOURS = (1, 3, 5)
MAP = "map"
BY_CLASS = "-by-class"
"""Ends the name of the mean over classes of a retrieval metric."""
CELLS = 4_000_000
"""Languages of shuffles and halves that are compared with clusters at once: 32 MB."""
BOUNDS = {"ari": (-0.5, 1.0), "ami": (-1.0, 1.0), "silhouette": (-1.0, 1.0)}
"""The smallest and the largest value of each metric; the others are shares, from 0 to 1."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Languages with a class, in the order of their ids, so that nothing depends on their order in the run.

    Parameters
    ----------
    level : of the classes
    ids : (n,) language ids
    classes : (n,) codes
    """

    level: str
    ids: tuple[str, ...]
    classes: Int64

    @classmethod
    def of(cls, level: str, labels: Mapping[str, str]) -> Sample:
        """From the class of each language that has one."""
        ids = tuple(sorted(labels))
        _, codes = np.unique([labels[identifier] for identifier in ids], return_inverse=True)
        return cls(level, ids, codes.astype(np.int64))

    def positions(self, ids: Iterable[str]) -> Int64:
        """Of some languages, without those that have no class."""
        position = {identifier: index for index, identifier in enumerate(self.ids)}
        found = sorted(position[identifier] for identifier in ids if identifier in position)
        return np.array(found, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Resampled:
    """How the languages of a sample are resampled; all metrics of a level share this.

    Parameters
    ----------
    shuffled : (permutations, n) orders of the languages, for the null
    within : (permutations, n) orders within each script; None where no script is known or no two languages share one
    halved : (subsamples, n // 2) positions, for the interval
    distinct : (m,) positions without near duplicates; None where there are no near duplicates
    """

    shuffled: Int64
    within: Int64 | None
    halved: Int64
    distinct: Int64 | None

    @classmethod
    def draw(cls, sample: Sample, evaluation: Evaluation, options: ResamplingOptions) -> Resampled:
        """From the seed of the evaluation."""
        facts: dict[str, Language] = {language.id: language for language in evaluation.languages}
        own = [facts[identifier] for identifier in sample.ids]
        rng, n = np.random.default_rng(evaluation.seed), len(own)
        shuffled, halved = shuffles(n, options.permutations, rng), draw_halves(n, options.subsamples, rng)
        within = shuffles_within_scripts([language.script for language in own], options.permutations, rng)
        distinct = sample.positions(one_of_each(own))
        return cls(shuffled, within, halved, distinct if len(distinct) < n else None)


@dataclass(frozen=True)
class Measure:
    """Metrics of a sample that are computed together, as functions of the classes' order and of the languages.

    Parameters
    ----------
    values : over the whole sample, (seeds,) of each metric
    shuffled : from orders (batch, n) of the sample to the metrics under classes in that order, (batch,) of each
    on : from positions (batch, m) to the metrics on those languages alone, (batch,) of each; NaN where undefined
    clusterer, k : of metrics of clusters
    scored : number of languages that a metric is an average over, where it is not the whole sample
    conditional : whether its null is of classes that are shuffled within scripts, because scripts choose what it is
        about
    left_out : to the metrics without the languages of one class, (classes that count,) of each; None where metrics
        have no interval over classes
    """

    values: Mapping[str, Float64]
    shuffled: Callable[[Int64], Mapping[str, Float64]]
    on: Callable[[Int64], Mapping[str, Float64]]
    clusterer: str = ""
    k: int | None = None
    scored: Mapping[str, int] = field(default_factory=dict)
    conditional: bool = False
    left_out: Callable[[], Mapping[str, Float64]] | None = None


def metrics_of_levels(
    evaluator: str, levels: Iterable[str], evaluation: Evaluation, options: ResamplingOptions
) -> list[Metric]:
    """The metrics of each level that has at least two languages with a class.

    Classes are those of `evaluation.labels`, which the numbers of clusters come from too. Clusterings without a level
    count at every level.
    """
    metrics: list[Metric] = []
    for sample in _samples(levels, evaluation):
        resampled = Resampled.draw(sample, evaluation, options)
        for measure in _measures(sample, evaluation):
            metrics.extend(_rows(evaluator, measure, sample, resampled))
    return metrics


def values_of_levels(
    evaluator: str, levels: Iterable[str], evaluation: Evaluation, subsets: Sequence[Sequence[str]]
) -> dict[Question, Float64]:
    """(subsets,) of every metric of each level, on each subset of the languages; NaN where it is undefined.

    The clusters are those found on all languages.
    """
    found: dict[Question, Float64] = {}
    for sample in _samples(levels, evaluation):
        positions = [sample.positions(subset) for subset in subsets]
        sizes = np.array([len(subset) for subset in positions])
        for measure in _measures(sample, evaluation):
            values = {name: np.full(len(positions), np.nan) for name in measure.values}
            for size in np.unique(sizes[sizes > 1]):
                alike = np.flatnonzero(sizes == size).tolist()
                for name, own in measure.on(np.stack([positions[index] for index in alike])).items():
                    values[name][alike] = own
            found |= {(evaluator, sample.level, measure.clusterer, name): own for name, own in values.items()}
    return found


def labelled(evaluation: Evaluation, level: str) -> dict[str, str]:
    """The class of every language that has one, by id."""
    pairs = zip(evaluation.languages, evaluation.labels[level], strict=True)
    return {language.id: label for language, label in pairs if label is not None}


def _samples(levels: Iterable[str], evaluation: Evaluation) -> Iterator[Sample]:
    for level in levels:
        if len(labels := labelled(evaluation, level)) > 1:
            yield Sample.of(level, labels)


def _rows(evaluator: str, measure: Measure, sample: Sample, resampled: Resampled) -> Iterator[Metric]:
    """The rows of metrics.csv; a metric that is undefined has none."""
    names = [name for name, values in measure.values.items() if np.isfinite(values).all()]
    if not names:
        return
    within = None if resampled.within is None else measure.shuffled(resampled.within)
    null = within if measure.conditional else measure.shuffled(resampled.shuffled)
    halved, left_out = measure.on(resampled.halved), measure.left_out and measure.left_out()
    distinct = None if resampled.distinct is None else measure.on(resampled.distinct[np.newaxis])
    for name in names:
        extras: dict[str, float | None] = {}
        values = measure.values[name]
        value, bounds = float(values.mean()), BOUNDS.get(name, (0.0, 1.0))
        row = Figure(name, value, len(sample.ids), halved[name], null[name] if null else None, bounds).metric(evaluator)
        row = replace(row, level=sample.level, clusterer=measure.clusterer, k=measure.k, seeds=len(values))
        if len(values) > 1:
            row = replace(row, sd=float(values.std(ddof=1)))
        if within is not None:
            inside = compare_with_null(value, within[name])
            extras |= {"script_null_mean": inside.mean, "script_null_sd": inside.sd, "script_p": inside.p}
        if distinct is not None and resampled.distinct is not None and np.isfinite(distinct[name][0]):
            extras |= {"distinct": float(distinct[name][0]), "distinct_n": len(resampled.distinct)}
        if left_out:
            low, high = class_interval(value, left_out[name]) or (None, None)
            extras |= {"classes": len(left_out[name]), "class_ci_low": low, "class_ci_high": high}
        yield replace(row, n=measure.scored.get(name, row.n), extras=extras)


def _measures(sample: Sample, evaluation: Evaluation) -> Iterator[Measure]:
    yield from distance_measures(sample, evaluation)
    by_clusterer: dict[str, list[Clustering]] = {}
    for clustering in evaluation.clusterings:
        if clustering.level in (sample.level, ""):
            by_clusterer.setdefault(clustering.clusterer, []).append(clustering)
    yield from (cluster_measure(sample, clusterings) for clusterings in by_clusterer.values())


def distance_measures(sample: Sample, evaluation: Evaluation) -> list[Measure]:
    """Retrieval, `silhouette` and `nn1`, `nn3`, `nn5` of the sample's classes."""
    known = {language.id: language.script for language in evaluation.languages}
    rankings = _rankings(evaluation.distances, sample.ids, tuple(known[identifier] for identifier in sample.ids))
    return [
        *_retrievals(sample, rankings),
        _silhouette(sample, evaluation.distances.subset(sample.ids).values),
        *(_neighbours(sample, rankings[MAP], count) for count in NEIGHBOURS),
    ]


@lru_cache(maxsize=2)
def _rankings(distances: DistanceMatrix, ids: Sequence[str], scripts: Sequence[str]) -> Mapping[str, Ranking]:
    """Of candidates among all languages, in other scripts and in the same; kept, since many clusterings are scored."""
    values, (across, within) = distances.subset(ids).values, pairs_by_script(scripts)
    return {
        name: Ranking.of(values, pairs) for name, pairs in ((MAP, across | True), (ACROSS, across), (WITHIN, within))
    }


def _retrievals(sample: Sample, rankings: Mapping[str, Ranking]) -> Iterator[Measure]:
    """Of candidates among all languages, among those in other scripts, and among those in the query's own.

    None where no language is a query, nor is any then on fewer languages.
    """
    for name, ranking in rankings.items():
        queries = np.isfinite(ranking.precisions(sample.classes[np.newaxis])[0])
        if queries.any():
            yield _retrieval(name, sample, ranking, queries)


def _retrieval(name: str, sample: Sample, ranking: Ranking, queries: NDArray[np.bool_]) -> Measure:
    """The mean over the (n,) queries, and the mean over their classes."""

    def found(classes: Int64) -> dict[str, Float64]:
        means = mean_precisions(ranking.precisions(classes), classes)
        return dict(zip((name, name + BY_CLASS), means, strict=True))

    def shuffled(orders: Int64) -> dict[str, Float64]:
        """Where pairs are missing a shuffle may leave no query: then nothing is found."""
        return {key: np.nan_to_num(values) for key, values in found(sample.classes[orders]).items()}

    def on(subsets: Int64) -> dict[str, Float64]:
        return found(_on(sample, subsets))

    def left_out() -> dict[str, Float64]:
        counted = np.unique(sample.classes[queries])[:, np.newaxis]
        return found(np.where(sample.classes == counted, ABSENT, sample.classes))

    scored = dict.fromkeys((name, name + BY_CLASS), int(queries.sum()))
    whole = found(sample.classes[np.newaxis])
    return Measure(whole, shuffled, on, scored=scored, conditional=name != MAP, left_out=left_out)


def _silhouette(sample: Sample, distances: Float64) -> Measure:
    def shuffled(orders: Int64) -> dict[str, Float64]:
        return {"silhouette": silhouettes(distances, sample.classes[orders])}

    def on(subsets: Int64) -> dict[str, Float64]:
        return {"silhouette": silhouettes(distances, _on(sample, subsets))}

    return Measure({"silhouette": silhouettes(distances, sample.classes[np.newaxis])}, shuffled, on)


def _neighbours(sample: Sample, ranking: Ranking, count: int) -> Measure:
    name = f"nn{count}"

    def shuffled(orders: Int64) -> dict[str, Float64]:
        return {name: ranking.agreements(sample.classes[orders], count)}

    def on(subsets: Int64) -> dict[str, Float64]:
        return {name: ranking.agreements(_on(sample, subsets), count)}

    value = ranking.agreements(sample.classes[np.newaxis], count)
    with_another = int((np.bincount(sample.classes)[sample.classes] > 1).sum())
    return Measure({name: value}, shuffled, on, scored={name: with_another})


def _on(sample: Sample, subsets: Int64) -> Int64:
    """(batch, n) classes, `ABSENT` where a language is not at the positions (batch, m)."""
    classes = np.full((len(subsets), len(sample.ids)), ABSENT)
    np.put_along_axis(classes, subsets, sample.classes[subsets], axis=1)
    return classes


@dataclass(frozen=True, eq=False)
class Groups:
    """A clustering of the sample: (n,) codes from 0; those from `placed` on are noise, each a cluster of one."""

    codes: Int64
    placed: int

    @classmethod
    def of(cls, sample: Sample, clustering: Clustering) -> Groups:
        """The clusters of the sample's languages."""
        position = {identifier: index for index, identifier in enumerate(clustering.ids)}
        labels = clustering.labels[[position[identifier] for identifier in sample.ids]]
        noise = labels < 0
        names, found = np.unique(labels[~noise], return_inverse=True)
        codes = np.empty(len(labels), dtype=np.int64)
        codes[~noise] = found
        codes[noise] = len(names) + np.arange(noise.sum())
        return cls(codes, len(names))


def cluster_measure(sample: Sample, clusterings: Sequence[Clustering]) -> Measure:
    """`ari`, `ami`, `v_measure`, `purity` of one clusterer, and `noise` where it may leave languages out.

    Values are over its seeds; under one shuffle, and on a subset of the languages, they are the mean over the seeds.
    The clusters of a subset are those found on all languages, restricted to it.
    """
    seeds = [Groups.of(sample, clustering) for clustering in clusterings]
    noisy = any(clustering.k is None or (clustering.labels < 0).any() for clustering in clusterings)
    everyone, first = np.arange(len(sample.ids))[np.newaxis], clusterings[0]

    def named(scores: Float64) -> dict[str, Float64]:
        return dict(zip((*AGREEMENTS, "noise") if noisy else AGREEMENTS, scores, strict=False))

    def shuffled(orders: Int64) -> dict[str, Float64]:
        return named(np.mean([_scores(sample.classes[orders], everyone, groups) for groups in seeds], axis=0))

    def on(subsets: Int64) -> dict[str, Float64]:
        return named(np.mean([_scores(sample.classes[subsets], subsets, groups) for groups in seeds], axis=0))

    values = np.concatenate([_scores(sample.classes[np.newaxis], everyone, groups) for groups in seeds], axis=1)
    k = len(np.unique(first.labels[first.labels >= 0])) if first.k is None else first.k
    return Measure(named(values), shuffled, on, first.clusterer, k)


def _scores(classes: Int64, subsets: Int64, groups: Groups) -> Float64:
    """(metrics, batch) of classes (batch, m) of the languages at positions (batch, m), or (1, m) for all alike.

    The last metric is the share of noise. The batch is divided so that its contingency tables fit in memory.
    """
    count = min(len(classes), classes.size // CELLS + 1)
    positions = [subsets] * count if len(subsets) == 1 else np.array_split(subsets, count)
    scores = []
    for chunk, places in zip(np.array_split(classes, count), positions, strict=True):
        codes = np.broadcast_to(groups.codes[places], chunk.shape)
        noise = np.broadcast_to((groups.codes >= groups.placed)[places].mean(axis=1), (len(chunk),))
        scores.append(np.vstack([agreements(Tables.of(chunk, codes), groups.placed), noise]))
    return np.concatenate(scores, axis=1)
