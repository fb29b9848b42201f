"""The evaluator `transfer`: a run's distances, and those of its baselines, against a table of transfer scores."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from langgeo_core.api import DistanceMatrix, Evaluation, Language, Metric
from langgeo_transfer.distances import between, positions
from langgeo_transfer.figures import FEWEST_SOURCES, SCOPES, Figure, Gap, Pairs, Settings, figures, gaps, per_target
from langgeo_transfer.measures import expected_best
from langgeo_transfer.options import TransferOptions
from langgeo_transfer.table import SHOWN, Task, TransferTable, read_transfer

notice = logging.getLogger("langgeo.notice")
NAME = "transfer"


class Transfer:
    """Ranks the sources of every target by distance.

    Figures of a task are rows at its level, those of a scope of pairs with `@scope` behind the name; `NAME:minus-B` is
    the run's figure less that of the baseline B on the pairs that both have; `pick:TARGET:SOURCE` is what the nearest
    source scores less than the best one, its chance that of a source drawn at random.
    """

    def __init__(self, options: TransferOptions) -> None:
        self._options = options

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """None: there are no classes."""
        return {}

    def remarks(self) -> Sequence[str]:
        """Which names in the table were read as which languages, and which rows are left out."""
        return self._table.notes

    def evaluate(self, evaluation: Evaluation) -> list[Metric]:
        """Rows of every task that has a target with enough sources in the evaluation."""
        return [metric for task in self._table.tasks for metric in self._task(task, evaluation)]

    @cached_property
    def _table(self) -> TransferTable:
        return read_transfer(self._options.file, self._options.lower_is_better).only(self._options.tasks)

    def _task(self, task: Task, evaluation: Evaluation) -> Iterator[Metric]:
        task = _as_in(task, evaluation.languages)
        settings = Settings(self._options.cutoff, self._options.permutations, self._options.resamples, evaluation.seed)
        own = Pairs.of(task, {"run": between(evaluation.distances, task.targets, task.sources)})
        if own.left_out and evaluation.baselines:
            listed = ", ".join(own.left_out[:SHOWN]) + (", …" if len(own.left_out) > SHOWN else "")
            told = "%d of %d targets of %s have fewer than %d sources with a score and a distance and are left out: %s"
            counts = len(own.left_out), len(task.targets), task.name or self._table.file.name, FEWEST_SOURCES
            notice.info(told, *counts, listed)
        for scope in SCOPES:
            scoped = own.scoped(scope) if scope else own
            if scoped.targets:
                found = figures(scoped, per_target(scoped, settings, scope), settings, scope)
                yield from map(_figure, found)
        for name, matrix in evaluation.baselines.items():
            yield from self._minus(task, evaluation.distances, name, matrix, settings)
        if own.targets:
            yield from _picks(own)

    def _minus(self, task: Task, run: DistanceMatrix, name: str, baseline: DistanceMatrix,
               settings: Settings) -> Iterator[Metric]:  # fmt: skip
        both = {key: between(one, task.targets, task.sources) for key, one in (("run", run), (name, baseline))}
        pairs, settings = Pairs.of(task, both), replace(settings, permutations=0)
        for scope in SCOPES:
            scoped = pairs.scoped(scope) if scope else pairs
            if scoped.targets:
                yield from map(_gap, gaps(scoped, per_target(scoped, settings, scope), settings, scope))


def _figure(one: Figure) -> Metric:
    name = _named(one.metric, one.scope)
    found = Metric(NAME, name, one.value, one.targets, level=one.task, ci_low=one.low, ci_high=one.high)
    return replace(found, null_mean=one.null_mean, null_sd=one.null_sd, p=one.p)


def _gap(gap: Gap) -> Metric:
    name = f"{_named(gap.metric, gap.scope)}:minus-{gap.reference}"
    return Metric(NAME, name, gap.value, gap.targets, level=gap.task, ci_low=gap.low, ci_high=gap.high, p=gap.p)


def _named(metric: str, scope: str) -> str:
    return f"{metric}@{scope}" if scope else metric


def _picks(pairs: Pairs) -> Iterator[Metric]:
    """The nearest source of each target and what it loses; of several at one distance the first id, and their mean."""
    distances = pairs.distances["run"]
    for target, scores, row in zip(pairs.targets, pairs.scores, distances, strict=True):
        known = np.flatnonzero(np.isfinite(scores))
        source = pairs.sources[known[int(np.argmin(row[known]))]]
        lost = scores[known].max() - float(expected_best(scores[known], row[None, known], 1)[0])
        chance = float(scores[known].max() - scores[known].mean())
        yield Metric(NAME, f"pick:{target.id}:{source.id}", lost, len(known), level=pairs.task, null_mean=chance)


def _as_in(task: Task, languages: Sequence[Language]) -> Task:
    """The task with what the run knows of its languages: families, and the scripts of texts."""
    ids = [one.id for one in languages]

    def side(own: Sequence[Language]) -> tuple[Language, ...]:
        places = positions(ids, own)
        return tuple(
            replace(languages[place], id=one.id) if place >= 0 else one
            for one, place in zip(own, places.tolist(), strict=True)
        )

    return replace(task, targets=side(task.targets), sources=side(task.sources))
