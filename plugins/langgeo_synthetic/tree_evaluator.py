"""The evaluator `synthetic-tree`: agreement with the tree that made-up languages evolved along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Evaluation, Language, Metric
from langgeo_inference.api import Figure, Question, ResamplingOptions, metrics_of, values_on_subsets
from langgeo_labels.api import metrics_of_levels, note_what_scripts_leave_out, values_of_levels
from langgeo_statistics.api import TreeSample, from_paths, tree_agreement
from langgeo_synthetic.options import SyntheticTreeOptions
from langgeo_synthetic.phylogeny import private_codes

NAME = "synthetic-tree"
TREES = ("nj", "upgma")


class SyntheticTree:
    """Compares distances and clusters with the lineages that a corpus gives its made-up languages.

    A twin, a language in a second script, is a class of its own when the number of clusters is chosen, and is left
    out of all agreement.
    """

    def __init__(self, options: SyntheticTreeOptions) -> None:
        self._options = options

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """The family and the branch of every language; None for real ones and for those without a lineage."""
        labels: dict[str, tuple[str | None, ...]] = {
            level: tuple(_class_of(one, level) for one in languages) for level in self._options.levels
        }
        return note_what_scripts_leave_out(languages, labels)

    def evaluate(self, evaluation: Evaluation) -> list[Metric]:
        """The metrics of `glottolog` at every level, the quartet distances of two trees, and how far twins are."""
        scored = _without_twins(evaluation)
        levels = metrics_of_levels(NAME, self._options.levels, scored, self._options)
        return [*levels, *metrics_of(NAME, self._trees(scored, self._options)), *_twins(evaluation)]

    def values_on(
        self, evaluation: Evaluation, subsets: Sequence[Sequence[str]]
    ) -> dict[Question, NDArray[np.float64]]:
        """(subsets,) the value of every agreement on each subset of the languages, without null or interval."""
        scored, plain = _without_twins(evaluation), self._options.none()
        levels = values_of_levels(NAME, self._options.levels, scored, subsets)
        return levels | values_on_subsets(NAME, scored, subsets, lambda subset: self._trees(subset, plain))

    def _trees(self, evaluation: Evaluation, options: ResamplingOptions) -> Iterable[Figure]:
        """Generalised quartet distances and triplet agreements of the trees of the distances with the true one."""
        lacking = evaluation.distances.lacking_pairs()
        homed = {one.id: one.lineage for one in evaluation.languages if _is_placed(one) and not _is_twin(one)}
        ids = tuple(sorted(identifier for identifier in homed if identifier not in lacking))
        sample = TreeSample.draw(evaluation.distances.subset(ids), TREES, options, evaluation.seed)
        return tree_agreement(sample, from_paths({one: homed[one] for one in ids})) if sample else ()


def _is_placed(language: Language) -> bool:
    return language.iso639_3 in private_codes() and bool(language.lineage)


def _is_twin(language: Language) -> bool:
    return language.id != language.iso639_3


def _class_of(language: Language, level: str) -> str | None:
    if not _is_placed(language):
        return None
    if _is_twin(language):
        return language.id
    return language.family if level == "family" else language.branch


def _without_twins(evaluation: Evaluation) -> Evaluation:
    labels = {
        level: tuple(
            None if _is_twin(language) else label for language, label in zip(evaluation.languages, classes, strict=True)
        )
        for level, classes in evaluation.labels.items()
    }
    return replace(evaluation, labels=labels)


def _twins(evaluation: Evaluation) -> list[Metric]:
    """The distance of each twin from its original, and its ratio to the mean distance between families."""
    known = {one.id: one for one in evaluation.languages}
    ids = evaluation.distances.ids
    values = evaluation.distances.values
    apart = _between_families(evaluation)
    metrics = []
    for twin in (one for one in known.values() if _is_placed(one) and _is_twin(one)):
        if twin.iso639_3 not in known:
            continue
        distance = float(values[ids.index(twin.id), ids.index(twin.iso639_3)])
        if np.isfinite(distance) and apart > 0:
            metrics.append(Metric(NAME, f"twin-distance:{twin.id}", distance, 2))
            metrics.append(Metric(NAME, f"twin-share:{twin.id}", distance / apart, len(ids)))
    return metrics


def _between_families(evaluation: Evaluation) -> float:
    """The mean distance of two languages of different families, twins left out; 0 where there are none."""
    rows = [place for place, one in enumerate(evaluation.languages) if _is_placed(one) and not _is_twin(one)]
    families = np.array([evaluation.languages[row].family for row in rows])
    ids = [evaluation.languages[row].id for row in rows]
    if not ids:
        return 0.0
    values = evaluation.distances.subset(ids).values[families[:, np.newaxis] != families]
    return float(np.nanmean(values)) if np.isfinite(values).any() else 0.0
