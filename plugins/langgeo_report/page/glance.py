"""The score card at a glance: the few figures of each level that tell most, of the run, its baselines and chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langgeo_core.api import Metric
from langgeo_report.page.excess import Excesses
from langgeo_report.page.numbers import number
from langgeo_report.page.roles import Roles, marked, place_of, role_of

SPACE_FIGURES = ("nn1",)
CLUSTER_FIGURES = ("ari", "ami")
MARKS = {True: "▲", False: "▼", None: ""}


@dataclass(frozen=True)
class Figure:
    """A column: `clusterer` is empty for a figure of the distances."""

    metric: str
    clusterer: str

    def __str__(self) -> str:
        return f"{self.metric} {self.clusterer}".strip()


@dataclass(frozen=True)
class Value:
    """An entry as it is printed; `mark` says whether the run is surely above (▲) or below (▼) a baseline."""

    text: str = ""
    spread: str = ""
    mark: str = ""
    difference: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.spread}".strip()


@dataclass(frozen=True)
class Row:
    """The run, a baseline, or chance; an entry for each column.

    Parameters
    ----------
    kind : `own`, `chance`, or the role of a baseline
    """

    source: str
    kind: str
    values: list[Value]


@dataclass(frozen=True)
class Level:
    """One level of the classification: the rows, and how many languages the run's figures are of."""

    name: str
    rows: list[Row]
    languages: str


@dataclass(frozen=True)
class Glance:
    """Columns, and the rows of each level; no columns where no evaluator gave any of these figures."""

    figures: list[Figure]
    levels: list[Level]


def glance(metrics: Sequence[Metric], roles: Roles | None = None, excesses: Excesses | None = None) -> Glance:
    """Nearest neighbours, and the indices of clusters that are corrected for chance, of every level."""
    telling = [metric for metric in metrics if _tells(metric)]
    found = dict.fromkeys(Figure(metric.metric, metric.clusterer) for metric in telling)
    figures = sorted(found, key=lambda figure: figure.metric not in SPACE_FIGURES)
    names = dict.fromkeys(metric.level for metric in telling)
    levels = [
        _level(name, [metric for metric in telling if metric.level == name], figures, roles or {}, excesses or {})
        for name in names
    ]
    return Glance(figures, levels)


def _tells(metric: Metric) -> bool:
    return metric.metric in (CLUSTER_FIGURES if metric.clusterer else SPACE_FIGURES)


def _level(name: str, metrics: Sequence[Metric], figures: Sequence[Figure], roles: Roles, excesses: Excesses) -> Level:
    own = {Figure(metric.metric, metric.clusterer): metric for metric in metrics if metric.source == "run"}
    sources = dict.fromkeys(metric.source for metric in metrics if metric.source != "run")
    others = sorted(sources, key=lambda source: place_of(source, roles))
    rows = [Row("this run", "own", [_value(own.get(figure)) for figure in figures])]
    for source in others:
        of_source = {Figure(metric.metric, metric.clusterer): metric for metric in metrics if metric.source == source}
        values = [_value(of_source.get(figure), excesses) for figure in figures]
        rows.append(Row(marked(source, roles), role_of(source, roles), values))
    rows.append(Row("by chance", "chance", [_chance(own.get(figure)) for figure in figures]))
    counted = sorted({metric.n for metric in own.values()})
    return Level(name, rows, " to ".join(map(str, [*counted[:1], *counted[1:][-1:]])))


def _value(metric: Metric | None, excesses: Excesses | None = None) -> Value:
    if metric is None:
        return Value()
    spread = "" if metric.sd is None else f"± {metric.sd:.3f}"
    excess = (excesses or {}).get((metric.source, metric.question))
    if excess is None:
        return Value(number(metric.value), spread)
    sure = True if excess.above else False if excess.below else None
    return Value(number(metric.value), spread, MARKS[sure], str(excess))


def _chance(metric: Metric | None) -> Value:
    if metric is None or metric.null_mean is None:
        return Value()
    return Value(number(metric.null_mean), "" if metric.null_sd is None else f"± {metric.null_sd:.3f}")
