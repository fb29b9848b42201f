"""The score card: every metric beside its null, its spread and the baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langgeo_core.api import Metric
from langgeo_report.page.excess import Excesses
from langgeo_report.page.glossary import meaning
from langgeo_report.page.numbers import interval, number, probability
from langgeo_report.page.roles import Roles, marked, place_of


@dataclass(frozen=True)
class Strip:
    """Where value, null and interval lie on a small scale, in per cent of its width."""

    value: float
    zero: float
    null: tuple[float, float] | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Score:
    """A row as it is printed."""

    evaluator: str
    level: str
    clusterer: str
    metric: str
    meaning: str
    source: str
    name: str
    value: str
    over: str
    null: str
    p: str
    interval: str
    script_p: str
    distinct: str
    excess: str
    n: int
    k: str
    strip: Strip


def scorecard(
    metrics: Sequence[Metric], roles: Roles | None = None, excesses: Excesses | None = None
) -> list[list[Score]]:
    """Rows of the same question together: the run, its baselines by their roles; questions in the order of the file."""
    of_baselines, known = roles or {}, excesses or {}

    def place(metric: Metric) -> tuple[bool, int]:
        return metric.source != "run", place_of(metric.source, of_baselines)

    questions: dict[tuple[str, ...], list[Metric]] = {}
    for metric in metrics:
        questions.setdefault(metric.question, []).append(metric)
    ordered = [sorted(group, key=place) for group in questions.values()]
    return [[_score(metric, of_baselines, group, known) for metric in group] for group in ordered]


def _score(metric: Metric, roles: Roles, group: Sequence[Metric], excesses: Excesses) -> Score:
    return Score(
        evaluator=metric.evaluator,
        level=metric.level,
        clusterer=metric.clusterer,
        metric=metric.metric,
        meaning=meaning(metric.metric),
        source=metric.source,
        name="this run" if metric.source == "run" else marked(metric.source, roles),
        value=number(metric.value) + _spread(metric.sd),
        over="" if metric.sd is None else f"{metric.seeds} seeds" if metric.seeds > 1 else "languages",
        null=number(metric.null_mean) + _spread(metric.null_sd),
        p=probability(metric.p),
        interval=interval(metric),
        script_p=probability(metric.script_p),
        distinct=number(metric.distinct) + (f" ({metric.distinct_n})" if metric.distinct_n else ""),
        excess=str(excesses.get((metric.source, metric.question), "")),
        n=metric.n,
        k="" if metric.k is None else str(metric.k),
        strip=_strip(metric, _low(group), _high(group)),
    )


def _spread(sd: float | None) -> str:
    return "" if sd is None else f" ± {sd:.3f}"


def _marks(metric: Metric) -> list[float]:
    return [mark for mark in (metric.value, metric.null_mean, metric.ci_low, metric.ci_high) if mark is not None]


def _low(group: Sequence[Metric]) -> float:
    return min(0.0, *(mark for metric in group for mark in _marks(metric)))


def _high(group: Sequence[Metric]) -> float:
    return max(1.0, *(mark for metric in group for mark in _marks(metric)))


def _strip(metric: Metric, low: float, high: float) -> Strip:
    def place(value: float) -> float:
        return round(100 * (min(max(value, low), high) - low) / (high - low), 2)

    null = ends = None
    if metric.null_mean is not None:
        reach = 2 * (metric.null_sd or 0.0)
        null = place(metric.null_mean - reach), place(metric.null_mean + reach)
    if metric.ci_low is not None and metric.ci_high is not None:
        ends = place(metric.ci_low), place(metric.ci_high)
    return Strip(place(metric.value), place(0.0), null, ends)
