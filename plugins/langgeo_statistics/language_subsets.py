"""Figures on subsets of the languages.

Only the evaluators know how a figure is computed. One that can give values alone is asked for those of all subsets at
once; others are called on an `Evaluation` restricted to each subset. Both keep the points of the subset's languages
and the clusters found on all. Two evaluations that are compared are first restricted to the languages of both and
clustered again: clusters found among more languages differ also where the distances are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Chosen, Embedding, Evaluation, ResolvedConfig, points_and_clusters, protocols
from langgeo_inference.api import Question, ResamplingOptions

Float64 = NDArray[np.float64]


@runtime_checkable
class SubsetEvaluator(Protocol):
    """An evaluator that also gives its values on subsets of the languages, without null or interval.

    Paired comparisons need hundreds of them; an evaluator without this method is called as often, restricted to each
    subset.
    """

    def values_on(self, evaluation: Evaluation, subsets: Sequence[Sequence[str]]) -> Mapping[Question, Float64]:
        """(subsets,) the value of each `Metric.question` on each subset of the languages, NaN where it is undefined.

        As `evaluate` would give it for those languages alone, with the clusters found on all.
        """


def values_on(
    evaluators: Sequence[Chosen], evaluation: Evaluation, subsets: Sequence[Sequence[str]]
) -> dict[Question, Float64]:
    """(subsets,) the values of every figure on each subset of the languages; NaN where it is undefined."""
    found: dict[Question, Float64] = {}
    for chosen in evaluators:
        evaluator: protocols.Evaluator = chosen.build()
        if isinstance(evaluator, SubsetEvaluator):
            found.update(evaluator.values_on(evaluation, subsets))
        else:
            found.update(_one_by_one(chosen, evaluation, subsets))
    return found


def _one_by_one(chosen: Chosen, evaluation: Evaluation, subsets: Sequence[Sequence[str]]) -> dict[Question, Float64]:
    """From an evaluator that cannot give values alone, with as little resampling as its options allow."""
    if isinstance(chosen.options, ResamplingOptions):
        chosen = replace(chosen, options=chosen.options.least())
    evaluator: protocols.Evaluator = chosen.build()
    found: dict[Question, Float64] = {}
    for index, subset in enumerate(subsets):
        for metric in evaluator.evaluate(restricted(evaluation, subset)):
            found.setdefault(metric.question, np.full(len(subsets), np.nan))[index] = metric.value
    return found


def restricted(evaluation: Evaluation, ids: Sequence[str]) -> Evaluation:
    """What an evaluator would be given if there were these languages alone, with their points and clusters kept."""
    rows = _positions([language.id for language in evaluation.languages], ids)
    embedding, replicates = evaluation.embedding, evaluation.replicates
    points = embedding.coordinates[_positions(embedding.ids, ids)]
    return replace(
        evaluation,
        languages=tuple(evaluation.languages[row] for row in rows),
        distances=evaluation.distances.subset(ids),
        replicates=replicates and replicates.subset([one for one in ids if one in replicates.languages]),
        embedding=Embedding(tuple(ids), points, embedding.eigenvalues, embedding.notes),
        clusterings=tuple(
            replace(one, ids=tuple(ids), labels=one.labels[_positions(one.ids, ids)]) for one in evaluation.clusterings
        ),
        labels={level: tuple(classes[row] for row in rows) for level, classes in evaluation.labels.items()},
    )


def among(config: ResolvedConfig, evaluation: Evaluation, ids: Sequence[str]) -> Evaluation:
    """What evaluators are given of these languages alone: their distances as they are, embedded and clustered again.

    Transforms are not applied again: one that reads all languages has read the others too.

    Raises
    ------
    NumericalError
        If they cannot be embedded, or are fewer than the clusters.
    """
    if set(ids) == set(evaluation.distances.ids):
        return evaluation
    subset = restricted(evaluation, [one for one in evaluation.distances.ids if one in set(ids)])
    embedding, clusterings = points_and_clusters(config, subset.distances, subset.labels)
    return replace(subset, embedding=embedding, clusterings=clusterings)


def _positions(all_ids: Sequence[str], ids: Sequence[str]) -> list[int]:
    position = {identifier: index for index, identifier in enumerate(all_ids)}
    return [position[identifier] for identifier in ids]
