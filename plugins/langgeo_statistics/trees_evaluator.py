"""The evaluator `trees`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from langgeo_core.api import FEWEST, DistanceMatrix, Evaluation, Language, Metric, draw_halves
from langgeo_glottolog.resampling import shuffles
from langgeo_statistics.options import TreesOptions
from langgeo_statistics.replicate_support import jackknife, replicate_support
from langgeo_statistics.rows import Figure, Float64, Question, as_metrics, values_on
from langgeo_statistics.tree_figures import HALF_QUARTETS, Sample, agreement, likeness, shape
from langgeo_statistics.trees import from_lineages, placed


class Trees:
    """Trees of the distances: how tree-like these are, and how far the trees agree with Glottolog's."""

    def __init__(self, options: TreesOptions) -> None:
        self._options = options

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """None: a tree has no levels."""
        return {}

    def evaluate(self, evaluation: Evaluation) -> list[Metric]:
        """Figures over the languages without a missing pair, and of these for the agreement those Glottolog places.

        Fewer than four languages have none. The support of clades is of the distances
        without each replicate of the texts.
        """
        known, whole = self._known(evaluation)
        if whole is None:
            return []
        supports = replicate_support(whole.trees, jackknife(evaluation.replicates), known)
        return [*as_metrics("trees", self._figures(evaluation, known, whole)), *supports]

    def values_on(self, evaluation: Evaluation, parts: Sequence[Sequence[str]]) -> dict[Question, Float64]:
        """(parts,) the value of every metric on each list of languages, without null, interval or support.

        On parts of the languages `delta` and `q-residual` read at most `HALF_QUARTETS` quartets, as `evaluate` does for
        its intervals.
        """
        plain = {"permutations": 0, "subsamples": 0}
        some = {**plain, "quartets": min(self._options.quartets, HALF_QUARTETS)}

        def figures(part: Evaluation) -> Iterator[Figure]:
            alike = len(part.languages) == len(evaluation.languages)
            trees = Trees(self._options.model_copy(update=plain if alike else some))
            known, whole = trees._known(part)
            return trees._figures(part, known, whole) if whole else iter(())

        return values_on("trees", evaluation, parts, figures)

    def _known(self, evaluation: Evaluation) -> tuple[list[Language], Sample | None]:
        """The languages without a missing pair, by id; no sample where they are too few for a tree."""
        lacking = set(evaluation.distances.lacking_pairs())
        known = sorted((one for one in evaluation.languages if one.id not in lacking), key=lambda one: one.id)
        return known, self._sample(evaluation.distances, known, evaluation.seed)

    def _figures(self, evaluation: Evaluation, known: Sequence[Language], whole: Sample) -> Iterator[Figure]:
        distances, seed = evaluation.distances, evaluation.seed
        yield from shape(whole)
        yield from likeness(whole, self._options.quartets, np.random.default_rng(seed))
        homed = placed(known)
        sample = whole if len(homed) == len(known) else self._sample(distances, homed, seed)
        if sample:
            yield from agreement(sample, from_lineages(homed))

    def _sample(self, distances: DistanceMatrix, languages: Sequence[Language], seed: int) -> Sample | None:
        ids = tuple(language.id for language in languages)
        if len(ids) < FEWEST:
            return None
        rng = np.random.default_rng(seed)
        shuffled = shuffles(len(ids), self._options.permutations, rng)
        halved = draw_halves(len(ids), self._options.subsamples, rng)
        return Sample(ids, distances.subset(ids).values, shuffled, halved, self._options.trees)
