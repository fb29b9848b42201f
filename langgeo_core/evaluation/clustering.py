"""Every clusterer of a run, at every level and seed, and every evaluator, over one set of distances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.contract.protocols import Clusterer
from langgeo_core.contract.records import Evaluator
from langgeo_core.contract.types import Clustering, DistanceMatrix, Embedding, Evaluation, Metric
from langgeo_core.planning.plan import Plan

Labels = Mapping[str, tuple[str | None, ...]]


def labels_for(plan: Plan, ids: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
    """The classes of every level, of some of the plan's languages."""
    position = {language.id: index for index, language in enumerate(plan.languages)}
    rows = [position[identifier] for identifier in ids]
    return {level: tuple(classes[row] for row in rows) for level, classes in plan.labels.items()}


def cluster(
    config: ResolvedConfig, embedding: Embedding, labels: Labels, seeds: int | None = None
) -> Iterator[Clustering]:
    """What each clusterer makes of the embedding, per level whose classes give it its k, and per seed.

    `labels[level][i]` is the class of `embedding.ids[i]`. With `seeds` only clusterers whose k the classes give, and at
    most so many seeds of each.
    """
    first = config.settings.seed
    for chosen in config.choices["clusterers"]:
        clusterer: Clusterer = chosen.build()
        if seeds is not None and clusterer.k != "classes":
            continue
        count = clusterer.seeds if seeds is None else min(seeds, clusterer.seeds)
        numbers: dict[str, int | None] = {"": None if clusterer.k == "classes" else clusterer.k}
        if clusterer.k == "classes":
            numbers = {level: max(1, len(set(classes) - {None})) for level, classes in labels.items()}
        for level, k in numbers.items():
            for seed in range(first, first + count):
                yield Clustering(embedding.ids, clusterer.cluster(embedding, k, seed), chosen.name, level, k, seed)


def evaluation(
    plan: Plan, distances: DistanceMatrix, embedding: Embedding, clusterings: Sequence[Clustering], labels: Labels
) -> Evaluation:
    """What evaluators are given; all the values are of the same languages in the same order."""
    known = {language.id: language for language in plan.languages}
    languages = tuple(known[identifier] for identifier in distances.ids)
    return Evaluation(languages, distances, embedding, tuple(clusterings), labels, plan.config.settings.seed)


def points_and_clusters(
    config: ResolvedConfig, distances: DistanceMatrix, labels: Labels, seeds: int | None = None
) -> tuple[Embedding, tuple[Clustering, ...]]:
    """Distances embedded and clustered as the run's are; `labels` and `seeds` as in `cluster`."""
    embedding: Embedding = config.one("embedders").build().embed(distances.moderate())
    return embedding, tuple(cluster(config, embedding, labels, seeds))


def evaluation_of(plan: Plan, distances: DistanceMatrix, seeds: int | None = None) -> Evaluation:
    """What evaluators are given of other distances between languages of the plan."""
    labels = labels_for(plan, distances.ids)
    return evaluation(plan, distances, *points_and_clusters(plan.config, distances, labels, seeds), labels)


def extra_columns(*configs: ResolvedConfig) -> tuple[str, ...]:
    """The columns of metrics.csv that the evaluators of these configs add to those of every metric."""
    evaluators = (chosen.component for config in configs for chosen in config.choices["evaluators"])
    return tuple(dict.fromkeys(name for one in evaluators if isinstance(one, Evaluator) for name in one.columns))


def evaluate(plan: Plan, given: Evaluation) -> list[Metric]:
    """The metrics of every evaluator."""
    return [metric for chosen in plan.config.choices["evaluators"] for metric in chosen.build().evaluate(given)]
