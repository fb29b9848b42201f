"""The baselines of a run: distances without a language model, through the same embedder, clusterers and evaluators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from langgeo_core.calibration.selection import Encode, select
from langgeo_core.config.resolved import Chosen
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.errors import LanggeoError, NumericalError, UnavailableError
from langgeo_core.contract.protocols import Tokenizer
from langgeo_core.contract.types import BaselineContext, DistanceMatrix, Evaluation, Incident, Metric
from langgeo_core.evaluation.clustering import cluster, evaluate, evaluation, labels_for
from langgeo_core.planning.addresses import digest
from langgeo_core.planning.plan import Plan
from langgeo_core.storage.tables import write_distances


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


Memo = dict[str, Judged]
"""Baselines by the digest of all that they and their figures depend on, for runs of one process over the same texts."""


def run_baselines(plan: Plan, ids: Sequence[str], folder: Path, memo: Memo | None = None) -> Outcome:
    """Measure, write and evaluate every chosen baseline.

    Parameters
    ----------
    ids : the languages of the run's distances
    folder : gets `<name>.csv` of each baseline, and loses those of others
    memo : baselines that need not be measured again; gets those of this run
    """
    chosen = plan.config.choices["baselines"]
    _remove_others(folder, {baseline.name for baseline in chosen})
    whole, known = Outcome(), {} if memo is None else memo
    context = baseline_context(plan, ids)
    for baseline in chosen:
        key = _inputs(baseline, plan, ids)
        judged = known.get(key) or known.setdefault(key, _judged(baseline, plan, context))
        file = folder / f"{baseline.name}.csv"
        if judged.distances is None:
            file.unlink(missing_ok=True)
        else:
            write_distances(file, judged.distances)
            whole.distances[baseline.name] = judged.distances
        whole.metrics.extend(judged.outcome.metrics)
        whole.evaluations.update(judged.outcome.evaluations)
        whole.incidents.extend(judged.outcome.incidents)
    return whole


def _inputs(baseline: Chosen, plan: Plan, ids: Sequence[str]) -> str:
    """The digest of what a baseline's distances and figures depend on, but for the contents of the texts."""
    kinds = ("models", "corpora", "embedders", "clusterers", "evaluators")
    others = {kind: [chosen.data() for chosen in plan.config.choices[kind]] for kind in kinds}
    settings = plan.config.settings.model_dump(mode="json", include={"seed", "calibration"})
    return digest([baseline.data(), others, settings, list(ids)])


def _judged(baseline: Chosen, plan: Plan, context: BaselineContext) -> Judged:
    outcome = Outcome()
    try:
        distances = _measured(baseline, context)
    except UnavailableError as lacking:
        message = f"the baseline {baseline.name} is left out: {lacking.message}"
        outcome.incidents.append(Incident("evaluate", message))
        return Judged(None, outcome)
    _evaluate(baseline.name, plan, distances, outcome)
    return Judged(distances, outcome)


def _remove_others(folder: Path, names: set[str]) -> None:
    """Matrices of another config that held the run folder before would be read as this run's."""
    for file in folder.glob("*.csv"):
        if file.stem not in names:
            file.unlink()


def baseline_context(plan: Plan, ids: Sequence[str]) -> BaselineContext:
    """What the baselines of a run may read; each text is tokenized once however many of them ask."""
    known = {language.id: language for language in plan.languages}
    tokenizers = {name: cache(model.tokenizer) for name, model in plan.models.items()}
    return BaselineContext(
        tuple(known[identifier] for identifier in ids),
        lambda language: tuple(chain.from_iterable(_texts(plan, language))),
        {name: cache(partial(_tokens, plan, tokenizer)) for name, tokenizer in tokenizers.items()},
        {name: cache(partial(_passages, plan, tokenizer)) for name, tokenizer in tokenizers.items()},
    )


def _texts(plan: Plan, language: str) -> Iterator[tuple[str, ...]]:
    """The documents of each corpus that has the language."""
    if not plan.corpora:
        raise UnavailableError("it reads texts, and this run has none")
    for corpus in plan.corpora.values():
        if language in corpus.languages():
            yield corpus.read(language).documents


def _tokens(plan: Plan, tokenizer: Callable[[], Tokenizer], language: str, whole: bool) -> NDArray[np.int64]:
    """(tokens,) of a language's texts, a corpus after the other: all, or those of calibration's windows."""
    pieces: list[Sequence[int]] = []
    for documents in _texts(plan, language):
        encode, settings = tokenizer().encode, plan.config.settings.calibration
        pieces.extend(map(encode, documents) if whole else _calibrated(documents, encode, settings))
    tokens = np.fromiter(chain.from_iterable(pieces), dtype=np.int64)
    tokens.setflags(write=False)
    return tokens


def _passages(plan: Plan, tokenizer: Callable[[], Tokenizer], language: str) -> tuple[str, ...]:
    """The text of each window that calibration reads of a language, a corpus after the other."""
    encode, settings = tokenizer().encode, plan.config.settings.calibration
    windows = (_calibrated(documents, encode, settings) for documents in _texts(plan, language))
    return tuple(map(tokenizer().decode, chain.from_iterable(windows)))


def _calibrated(documents: Sequence[str], encode: Encode, settings: CalibrationSettings) -> Sequence[Sequence[int]]:
    windows = select(documents, encode, settings).windows
    return () if isinstance(windows, int) else windows.ids


def _measured(baseline: Chosen, context: BaselineContext) -> DistanceMatrix:
    """The baseline's distances in the order of the context's languages."""
    ids = tuple(language.id for language in context.languages)
    distances: DistanceMatrix = baseline.build().distances(context)
    if set(distances.ids) != set(ids):
        origin = f"{baseline.origin.plugin} of {baseline.origin.distribution} {baseline.origin.version}"
        message = f"the baseline {baseline.name} measures other languages than it was asked for"
        raise LanggeoError(message, f"a fault of {origin}: tell its authors, or leave it out of `baselines`")
    return distances.subset(ids)


def _evaluate(name: str, plan: Plan, distances: DistanceMatrix, outcome: Outcome) -> None:
    """Add the metrics over the languages that the baseline can place, and incidents about the others."""
    lacking = distances.lacking_pairs()
    if lacking:
        message = f"the baseline {name} cannot place {', '.join(lacking)}; its figures leave them out"
        outcome.incidents.append(Incident("evaluate", message))
        distances = distances.subset(identifier for identifier in distances.ids if identifier not in lacking)
    try:
        given = _given(plan, distances)
        metrics = evaluate(plan, given)
    except NumericalError as failure:
        outcome.incidents.append(Incident("evaluate", f"the baseline {name} has no figures: {failure.message}"))
    else:
        outcome.metrics.extend(replace(metric, source=name) for metric in metrics)
        outcome.evaluations[name] = given


def _given(plan: Plan, distances: DistanceMatrix) -> Evaluation:
    _check_enough(plan, len(distances.ids))
    labels = labels_for(plan, distances.ids)
    embedding = plan.config.one("embedders").build().embed(distances)
    return evaluation(plan, distances, embedding, tuple(cluster(plan.config, embedding, labels)), labels)


def _check_enough(plan: Plan, languages: int) -> None:
    wanted = [chosen.build().k for chosen in plan.config.choices["clusterers"]]
    fewest = max([2, *(k for k in wanted if isinstance(k, int))])
    if languages < fewest:
        raise NumericalError(f"it places {languages} languages, and the clusterers of this run need {fewest}")
