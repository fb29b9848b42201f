"""A finished run's figures on parts of its languages.

Only the evaluators know how a figure is computed, so they are called again, on an `Evaluation` restricted to the
part: distances, points and classes of its languages, and the clusters found on all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.config.resolved import Chosen, ResolvedConfig
from langgeo_core.protocols import Evaluator
from langgeo_core.runs import Run
from langgeo_core.types import Clustering, Embedding, Evaluation, Metric

Float64 = NDArray[np.float64]

LEAST_RESAMPLING = {"permutations": 1, "subsamples": 2}
"""Options, of evaluators that have them, which change a figure's null and interval but never its value.

They are set as low as they go, since only the values are read here. An evaluator that names its resampling otherwise
is called as it is: right, but slow.
"""

Key = tuple[str, str, str, str, str]


def key_of(metric: Metric) -> Key:
    """What makes rows of two runs the same figure."""
    return metric.source, metric.evaluator, metric.clusterer, metric.level, metric.metric


def figures_on(run: Run, config: ResolvedConfig, parts: Sequence[Sequence[str]]) -> dict[Key, Float64]:
    """(parts,) the values of every figure on each list of languages; NaN where it is undefined."""
    evaluators = [_light(chosen) for chosen in config.choices["evaluators"]]
    found: dict[Key, Float64] = {}
    for index, part in enumerate(parts):
        evaluation = restricted(run, part, config.settings.seed)
        for evaluator in evaluators:
            for metric in evaluator.evaluate(evaluation):
                found.setdefault(key_of(metric), np.full(len(parts), np.nan))[index] = metric.value
    return found


def _light(chosen: Chosen) -> Evaluator:
    """The evaluator with the least resampling."""
    fields = type(chosen.options).model_fields if chosen.options else {}
    if chosen.options and (least := {name: count for name, count in LEAST_RESAMPLING.items() if name in fields}):
        chosen = replace(chosen, options=chosen.options.model_copy(update=least))
    evaluator: Evaluator = chosen.build()
    return evaluator


def restricted(run: Run, ids: Sequence[str], seed: int) -> Evaluation:
    """What an evaluator would be given if the run had these languages alone, its points and clusters kept."""
    languages = {language.id: language for language in run.languages}
    rows = _positions(run.distances.ids, ids)
    embedding = run.embedding
    points = embedding.coordinates[_positions(embedding.ids, ids)]
    return Evaluation(
        tuple(languages[identifier] for identifier in ids),
        run.distances.subset(ids),
        Embedding(tuple(ids), points, embedding.eigenvalues, embedding.notes),
        tuple(_part(clustering, ids) for clustering in run.clusterings),
        {level: tuple(classes[row] for row in rows) for level, classes in run.labels.items()},
        seed,
    )


def _part(clustering: Clustering, ids: Sequence[str]) -> Clustering:
    return replace(clustering, ids=tuple(ids), labels=clustering.labels[_positions(clustering.ids, ids)])


def _positions(all_ids: Sequence[str], ids: Sequence[str]) -> list[int]:
    position = {identifier: index for index, identifier in enumerate(all_ids)}
    return [position[identifier] for identifier in ids]
