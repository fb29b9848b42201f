"""The baselines of a run: distances without a language model, through the same embedder, clusterers and evaluators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from langgeo_core.clustering import cluster, evaluate, labels_for
from langgeo_core.config.resolved import Chosen
from langgeo_core.errors import LanggeoError, NumericalError
from langgeo_core.plan import Plan
from langgeo_core.tables import write_distances
from langgeo_core.types import BaselineContext, DistanceMatrix, Incident, Metric


@dataclass(frozen=True)
class Outcome:
    """The metrics of all baselines, each baseline's name their source, and what could not be done."""

    metrics: list[Metric] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)


def run_baselines(plan: Plan, ids: Sequence[str], folder: Path) -> Outcome:
    """Measure, write and evaluate every chosen baseline.

    Parameters
    ----------
    ids : the languages of the run's distances
    folder : gets `<name>.csv` of each baseline, and loses those of others
    """
    chosen = plan.config.choices["baselines"]
    _remove_others(folder, {baseline.name for baseline in chosen})
    outcome = Outcome()
    for baseline in chosen:
        distances = _measured(baseline, plan, ids)
        write_distances(folder / f"{baseline.name}.csv", distances)
        _evaluate(baseline.name, plan, distances, outcome)
    return outcome


def _remove_others(folder: Path, names: set[str]) -> None:
    """Matrices of another config that held the run folder before would be read as this run's."""
    for file in folder.glob("*.csv"):
        if file.stem not in names:
            file.unlink()


def _measured(baseline: Chosen, plan: Plan, ids: Sequence[str]) -> DistanceMatrix:
    """The baseline's distances in the order of the ids."""
    known = {language.id: language for language in plan.languages}
    languages = tuple(known[identifier] for identifier in ids)
    context = BaselineContext(languages, lambda language: tuple(_documents(plan, language)))
    distances: DistanceMatrix = baseline.build().distances(context)
    if set(distances.ids) != set(ids):
        origin = f"{baseline.origin.plugin} of {baseline.origin.distribution} {baseline.origin.version}"
        message = f"the baseline {baseline.name} measures other languages than it was asked for"
        raise LanggeoError(message, f"a fault of {origin}: tell its authors, or leave it out of `baselines`")
    return distances.subset(ids)


def _documents(plan: Plan, language: str) -> Iterator[str]:
    for corpus in plan.corpora.values():
        if language in corpus.languages():
            yield from corpus.read(language).documents


def _evaluate(name: str, plan: Plan, distances: DistanceMatrix, outcome: Outcome) -> None:
    """Add the metrics over the languages that the baseline can place, and incidents about the others."""
    lacking = distances.lacking_pairs()
    if lacking:
        message = f"the baseline {name} cannot place {', '.join(lacking)}; its figures leave them out"
        outcome.incidents.append(Incident("evaluate", message))
        distances = distances.subset(identifier for identifier in distances.ids if identifier not in lacking)
    try:
        metrics = _metrics(plan, distances)
    except NumericalError as failure:
        outcome.incidents.append(Incident("evaluate", f"the baseline {name} has no figures: {failure.message}"))
    else:
        outcome.metrics.extend(replace(metric, source=name) for metric in metrics)


def _metrics(plan: Plan, distances: DistanceMatrix) -> list[Metric]:
    _check_enough(plan, len(distances.ids))
    labels = labels_for(plan, distances.ids)
    embedding = plan.config.one("embedders").build().embed(distances)
    return evaluate(plan, distances, embedding, tuple(cluster(plan, embedding, labels)), labels)


def _check_enough(plan: Plan, languages: int) -> None:
    wanted = [chosen.build().k for chosen in plan.config.choices["clusterers"]]
    fewest = max([2, *(k for k in wanted if isinstance(k, int))])
    if languages < fewest:
        raise NumericalError(f"it places {languages} languages, and the clusterers of this run need {fewest}")
