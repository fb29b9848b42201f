"""The evaluator `trees`: how tree-like the distances are, and how far their trees agree with Glottolog's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import DistanceMatrix, Evaluation, Language, Metric
from langgeo_inference.api import (
    FEWEST,
    Figure,
    ResamplingOptions,
    draw_halves,
    metrics_of,
    shuffles,
    values_on_subsets,
)
from langgeo_statistics.options import TreesOptions
from langgeo_statistics.quartets import (
    Joins,
    Sides,
    generalised_quartet_distance,
    quartets_of,
    shared_quartets,
    shared_triplets,
    treelikeness,
    triplet_agreement,
)
from langgeo_statistics.replicate_support import jackknife, replicate_support
from langgeo_statistics.trees import ROOTED, TREES, Tree, from_lineages, placed

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Question = tuple[str, str, str, str]
"""As `Metric.question`: evaluator, level, clusterer, metric."""

HALF_QUARTETS = 20_000
"""The most quartets of each half of the languages that delta and the Q-residual read."""


class Trees:
    """Trees of the distances: how tree-like these are, and how far the trees agree with Glottolog's."""

    def __init__(self, options: TreesOptions) -> None:
        self._options = options

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """None: a tree has no levels."""
        return {}

    def evaluate(self, evaluation: Evaluation) -> list[Metric]:
        """Figures over the languages without a missing pair; agreement over those of them that Glottolog has.

        None with fewer than four languages. The support of clades is from the distances without each replicate of
        the texts.
        """
        known, whole = self._known(evaluation)
        if whole is None:
            return []
        supports = replicate_support(whole.trees, jackknife(evaluation.replicates), known)
        return [*metrics_of("trees", self._figures(evaluation, known, whole)), *supports]

    def values_on(self, evaluation: Evaluation, subsets: Sequence[Sequence[str]]) -> dict[Question, Float64]:
        """(subsets,) the value of every metric on each subset of the languages, without null, interval or support.

        On a true subset `delta` and `q-residual` read at most `HALF_QUARTETS` quartets, as `evaluate` does for its
        intervals.
        """
        plain = self._options.none()
        fewer = plain.model_copy(update={"quartets": min(plain.quartets, HALF_QUARTETS)})

        def figures(subset: Evaluation) -> Iterator[Figure]:
            trees = Trees(plain if len(subset.languages) == len(evaluation.languages) else fewer)
            known, whole = trees._known(subset)
            return trees._figures(subset, known, whole) if whole else iter(())

        return values_on_subsets("trees", evaluation, subsets, figures)

    def _known(self, evaluation: Evaluation) -> tuple[list[Language], TreeSample | None]:
        """The languages without a missing pair, by id; no sample where they are too few for a tree."""
        lacking = set(evaluation.distances.lacking_pairs())
        known = sorted((one for one in evaluation.languages if one.id not in lacking), key=lambda one: one.id)
        return known, self._sample(evaluation, known)

    def _sample(self, evaluation: Evaluation, languages: Sequence[Language]) -> TreeSample | None:
        distances = evaluation.distances.subset(language.id for language in languages)
        return TreeSample.draw(distances, self._options.trees, self._options, evaluation.seed)

    def _figures(self, evaluation: Evaluation, known: Sequence[Language], whole: TreeSample) -> Iterator[Figure]:
        yield from _shape(whole)
        yield from _likeness(whole, self._options.quartets, np.random.default_rng(evaluation.seed))
        homed = placed(known)
        sample = whole if len(homed) == len(known) else self._sample(evaluation, homed)
        if sample:
            yield from tree_agreement(sample, from_lineages(homed))


@dataclass(frozen=True, eq=False)
class TreeSample:
    """Languages, their distances, how they are resampled, and the trees of the distances.

    Parameters
    ----------
    values : (n, n) without a missing pair
    shuffled : (permutations, n) orders, for the null
    halved : (subsamples, n // 2) rows, for the interval
    names : of the trees, from `TREES`
    """

    ids: tuple[str, ...]
    values: Float64
    shuffled: Int64
    halved: Int64
    names: tuple[str, ...]

    @classmethod
    def draw(
        cls, distances: DistanceMatrix, names: tuple[str, ...], options: ResamplingOptions, seed: int
    ) -> Self | None:
        """Of all languages of complete distances; None where these are fewer than `FEWEST`."""
        n, rng = len(distances.ids), np.random.default_rng(seed)
        if n < FEWEST:
            return None
        shuffled = shuffles(n, options.permutations, rng)
        return cls(distances.ids, distances.values, shuffled, draw_halves(n, options.subsamples, rng), names)

    @cached_property
    def halves(self) -> list[tuple[Float64, list[str]]]:
        """The distances and ids of each half."""
        return [(self.values[np.ix_(half, half)], [self.ids[row] for row in half]) for half in self.halved]

    @cached_property
    def trees(self) -> dict[str, Tree]:
        """Each tree by its name."""
        return {name: TREES[name](self.values, self.ids) for name in self.names}

    @cached_property
    def half_trees(self) -> dict[str, list[Tree]]:
        """By the name of a tree, the tree of each half, built from its distances alone."""
        return {name: [TREES[name](values, ids) for values, ids in self.halves] for name in self.names}


def _shape(sample: TreeSample) -> Iterator[Figure]:
    """`cophenetic` of each tree: the correlation of its paths with the distances."""
    for name, tree in sample.trees.items():
        halves = zip(sample.half_trees[name], sample.halves, strict=True)
        halved = [cophenetic(half, values) for half, (values, _) in halves]
        value, n = cophenetic(tree, sample.values), len(sample.ids)
        yield Figure(f"cophenetic:{name}", value, n, np.array(halved), bounds=(-1.0, 1.0))


def cophenetic(tree: Tree, values: Float64) -> float:
    """Pearson's correlation of a tree's paths with (n, n) distances in its order; NaN if either are all equal."""
    upper = np.triu_indices(len(values), 1)
    paths, distances = tree.paths[upper], values[upper]
    if np.ptp(paths) == 0 or np.ptp(distances) == 0:
        return float("nan")
    return float(np.corrcoef(paths, distances)[0, 1])


def _likeness(sample: TreeSample, most: int, rng: np.random.Generator) -> Iterator[Figure]:
    """`delta` and `q-residual`."""
    n = len(sample.ids)
    whole = treelikeness(sample.values, quartets_of(n, most, rng))
    within = quartets_of(n // 2, min(most, HALF_QUARTETS), rng) if sample.halves else np.empty((0, 4), dtype=np.int64)
    halved = np.array([treelikeness(values, within) for values, _ in sample.halves]).reshape(-1, 2)
    yield Figure("delta", whole.delta, n, halved[:, 0], bounds=(0.0, 1.0))
    yield Figure("q-residual", whole.q_residual, n, halved[:, 1], bounds=(0.0, np.inf))


def tree_agreement(sample: TreeSample, reference: Tree) -> Iterator[Figure]:
    """`triplet-agreement` of each rooted tree and `quartet-distance` of each tree with the reference.

    Parameters
    ----------
    sample : with the ids of the reference, in its order
    """
    n, references = len(sample.ids), [reference.subset(ids) for _, ids in sample.halves]
    for name, tree in sample.trees.items():
        if name in ROOTED:
            value = triplet_agreement(tree, reference)
            halved = list(map(triplet_agreement, sample.half_trees[name], references))
            null = _shuffled_triplets(tree, reference, sample.shuffled) if np.isfinite(value) else None
            yield Figure(f"triplet-agreement:{name}", value, n, np.array(halved), null, (0.0, 1.0))
    for name, tree in sample.trees.items():
        value = generalised_quartet_distance(tree, reference)
        halved = list(map(generalised_quartet_distance, sample.half_trees[name], references))
        null = _shuffled_quartets(tree, reference, sample.shuffled) if np.isfinite(value) else None
        yield Figure(f"quartet-distance:{name}", value, n, np.array(halved), null, (0.0, 1.0), True)


def _shuffled_quartets(tree: Tree, reference: Tree, orders: Int64) -> Float64:
    """(permutations,) quartet distances of the tree with its leaves' names shuffled."""
    one, other = Sides.of(tree), Sides.of(reference)
    resolved = shared_quartets(other, other)
    return 1 - np.array([shared_quartets(one.relabelled(order), other) for order in orders]) / resolved


def _shuffled_triplets(tree: Tree, reference: Tree, orders: Int64) -> Float64:
    """(permutations,) triplet agreements of the tree with its leaves' names shuffled."""
    one, other = Joins.of(tree), Joins.of(reference)
    resolved = shared_triplets(other, other)
    return np.array([shared_triplets(one.relabelled(order), other) for order in orders]) / resolved
