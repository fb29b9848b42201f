"""How reliable the distances are: replicates of the texts, models and corpora against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langgeo_core.api import Metric, Run
from langgeo_report.page.files import rows_of

EVALUATOR = "reliability"

_SENTENCES = {
    "split_half": "Distances from two disjoint {pieces} of every text rank the pairs of languages alike to {value:.3f} "
    "(Spearman{interval})",
    "split_half_whole": "For whole texts Spearman and Brown's formula predicts {value:.3f}",
    "noise_floor": "The {pieces} of one language's text are {value:.4g} apart on average",
    "floor_share": "That is {percent:.0f} % of the mean distance between languages, at {share} of the text",
    "below_floor": "{percent:.1f} % of the pairs of languages do not differ significantly: {pieces} of one text lie as "
    "far apart by chance (false discovery rate 5 %)",
    "same_nearest": "{percent:.0f} % of the languages have the same nearest neighbour in two {pieces}",
    "agreement": "{level} rank the pairs alike to {value:.3f} (Spearman, {n} languages)",
    "variance_pair": "{percent:.0f} % of the variance of distances is common to all models and corpora",
    "variance_model": "{percent:.0f} % is peculiar to a model",
    "variance_corpus": "{percent:.0f} % is peculiar to a corpus",
    "variance_residual": "{percent:.0f} % is unexplained",
}


@dataclass(frozen=True)
class Sure:
    """A language as its row is printed: its floor, its nearest other, and those without a significant difference."""

    id: str
    name: str
    floor: str
    nearest: str
    distance: str
    ratio: str
    below: tuple[str, ...]


@dataclass(frozen=True)
class Sureness:
    """The sentences and rows of the section; without any, the run has measured nothing of the kind."""

    sentences: tuple[str, ...]
    rows: tuple[Sure, ...]


def sureness(run: Run, metrics: Sequence[Metric]) -> Sureness:
    """Read reliability.csv and the rows of metrics.csv that belong to it."""
    names = {language.id: language.name or language.id for language in run.planned}
    count = run.replicates.count if run.replicates else 0
    return Sureness(
        tuple(_sentences(metrics, count)), tuple(_sure(row, names) for row in rows_of(run, "reliability.csv"))
    )


def _sentences(metrics: Sequence[Metric], replicates: int) -> Iterator[str]:
    pieces, share = ("halves", "half") if replicates == 2 else (f"pieces (1/{replicates} each)", f"1/{replicates}")
    for metric in metrics:
        if metric.evaluator == EVALUATOR and metric.metric in _SENTENCES:
            known = metric.ci_low is not None and metric.ci_high is not None
            interval = f", {metric.ci_low:.3f} to {metric.ci_high:.3f} over languages" if known else ""
            said = _SENTENCES[metric.metric].format(
                value=metric.value,
                percent=100 * metric.value,
                interval=interval,
                n=metric.n,
                level=metric.level,
                pieces=pieces,
                share=share,
            )
            yield f"{said[0].upper()}{said[1:]}."


def _sure(row: dict[str, str], names: dict[str, str]) -> Sure:
    floor, distance = (float(row[key]) if row[key] else None for key in ("floor", "distance"))
    return Sure(
        row["language"],
        names.get(row["language"], row["language"]),
        "" if floor is None else f"{floor:.4f}",
        names.get(row["nearest"], row["nearest"]),
        "" if distance is None else f"{distance:.4f}",
        f"{distance / floor:.2f}" if distance is not None and floor else "",
        tuple(names.get(other, other) for other in row["below_floor"].split()),
    )
