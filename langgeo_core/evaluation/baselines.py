"""The baselines of a run: distances without a language model, through the same embedder, clusterers and evaluators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from langgeo_core.config.resolved import Chosen
from langgeo_core.contract.errors import LanggeoError, NumericalError, UnavailableError
from langgeo_core.contract.protocols import Remarking
from langgeo_core.contract.types import BaselineContext, DistanceMatrix, Evaluation, Incident, Metric, replicate_id
from langgeo_core.evaluation.clustering import evaluate, evaluation_of
from langgeo_core.planning.plan import Plan
from langgeo_core.system.files import digest


@dataclass(frozen=True)
class Outcome:
    """The metrics of all baselines, each baseline's name their source, what could not be done, and all distances."""

    metrics: list[Metric] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    distances: dict[str, DistanceMatrix] = field(default_factory=dict)
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    """What the evaluators were given of each baseline that has figures."""


@dataclass(frozen=True)
class Judged:
    """One baseline's distances, None where it has none, and what came of them."""

    distances: DistanceMatrix | None
    outcome: Outcome


Windows = Callable[[str, str, str], Sequence[Sequence[int]]]
Memo = dict[str, Judged]
"""Baselines by the digest of all that they and their figures depend on, for runs of one process over the same texts."""


def run_baselines(plan: Plan, ids: Sequence[str], windows: Windows, memo: Memo | None = None) -> Outcome:
    """Measure and evaluate every chosen baseline.

    Parameters
    ----------
    ids : the languages of the run's distances
    windows : the token ids of the windows that calibration reads, by model, corpus and language
    memo : baselines that need not be measured again; gets those of this run
    """
    chosen = plan.config.choices["baselines"]
    whole, known = Outcome(), {} if memo is None else memo
    context = baseline_context(plan, ids, windows)
    for baseline in chosen:
        key = _inputs(baseline, plan, ids)
        judged = known.get(key) or known.setdefault(key, _judged(baseline, plan, context))
        if judged.distances is not None:
            whole.distances[baseline.name] = judged.distances
        whole.metrics.extend(judged.outcome.metrics)
        whole.evaluations.update(judged.outcome.evaluations)
        whole.incidents.extend(judged.outcome.incidents)
    return whole


def _inputs(baseline: Chosen, plan: Plan, ids: Sequence[str]) -> str:
    """The digest of what a baseline's distances and figures depend on, but for the contents of the texts."""
    kinds = ("models", "corpora", "embedders", "clusterers", "evaluators")
    others = {kind: [chosen.data() for chosen in plan.config.choices[kind]] for kind in kinds}
    settings = plan.config.settings.model_dump(mode="json", include={"seed", "calibration", "reliability"})
    return digest([baseline.data(), others, settings, list(ids)])


def _judged(baseline: Chosen, plan: Plan, context: BaselineContext) -> Judged:
    """A baseline's distances in the order of the context's languages, and its metrics over those that it can place."""
    ids, outcome = tuple(language.id for language in context.languages), Outcome()

    def note(message: str) -> None:
        outcome.incidents.append(Incident("evaluate", f"the baseline {baseline.name} {message}"))

    component = baseline.build()
    try:
        measured: DistanceMatrix = component.distances(context)
    except (UnavailableError, NumericalError) as lacking:
        note(f"is left out: {lacking.message}")
        return Judged(None, outcome)
    for remark in component.remarks() if isinstance(component, Remarking) else ():
        note(f"reports: {remark}")
    if set(measured.ids) != set(ids):
        message = f"the baseline {baseline.name} returned distances of other languages than it was asked for"
        raise LanggeoError(message, f"{baseline.origin.bug}, or remove it from `baselines`")
    distances = placed = measured.subset(ids)
    if unplaced := distances.lacking_pairs():
        note(f"cannot place {', '.join(unplaced)}; its figures leave them out")
        placed = distances.subset(identifier for identifier in ids if identifier not in unplaced)
    wanted = [chosen.build().k for chosen in plan.config.choices["clusterers"]]
    fewest, n = max([2, *(k for k in wanted if isinstance(k, int))]), len(placed.ids)
    if n < fewest:
        note(f"has no figures: it places {n} languages, and the clusterers of this run need {fewest}")
        return Judged(distances, outcome)
    try:
        given = evaluation_of(plan, placed)
        metrics = evaluate(plan, given)
    except NumericalError as failure:
        note(f"has no figures: {failure.message}")
    else:
        outcome.metrics.extend(replace(metric, source=baseline.name) for metric in metrics)
        outcome.evaluations[baseline.name] = given
    return Judged(distances, outcome)


def baseline_context(plan: Plan, ids: Sequence[str], windows: Windows) -> BaselineContext:
    """What the baselines of a run may read, in the parameters' terms of `run_baselines`."""
    reliability = plan.config.settings.reliability
    pieces = [replicate_id(language, number) for language in ids for number in range(reliability.replicates)]
    replicates = _context(plan, pieces, windows) if pieces and plan.replicates else None
    return replace(_context(plan, ids, windows), replicates=replicates, parallel=reliability.each == "line")


def _context(plan: Plan, ids: Sequence[str], windows: Windows) -> BaselineContext:
    """Of languages or of replicates, by their ids."""
    known = {language.id: language for language in plan.languages}

    def corpora(language: str) -> list[str]:
        if not plan.corpora:
            raise UnavailableError("it reads texts, and this run has none")
        return [name for name, corpus in plan.corpora.items() if language.partition("/")[0] in corpus.languages()]

    def documents(language: str) -> tuple[str, ...]:
        if "/" in language:
            if len(plan.models) != 1:
                raise UnavailableError("it reads whole texts, and each model of this run has replicates of its own")
            return passages(next(iter(plan.models)), language)
        return tuple(chain.from_iterable(plan.texts.read(corpus, language).documents for corpus in corpora(language)))

    def tokens(model: str, language: str, whole: bool) -> NDArray[np.int64]:
        """(tokens,) of a language's texts, a corpus after the other: all, or those of calibration's windows."""
        read = plan.texts.tokens if whole and "/" not in language else windows
        pieces = chain.from_iterable(read(model, corpus, language) for corpus in corpora(language))
        found = np.fromiter(chain.from_iterable(pieces), dtype=np.int64)
        found.setflags(write=False)
        return found

    def passages(model: str, language: str) -> tuple[str, ...]:
        """The text of each window that calibration reads of a language, a corpus after the other."""
        decode = plan.texts.tokenizers[model]().decode
        return tuple(decode(window) for corpus in corpora(language) for window in windows(model, corpus, language))

    return BaselineContext(
        tuple(replace(known[identifier.partition("/")[0]], id=identifier) for identifier in ids),
        documents,
        {model: cache(partial(tokens, model)) for model in plan.models},
        {model: cache(partial(passages, model)) for model in plan.models},
    )
