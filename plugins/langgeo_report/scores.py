"""The score card: its main figures, the whole table, and the figures at other numbers of clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgeo_core.api import Metric, Run, schema
from langgeo_report.deciding import Compared, compared
from langgeo_report.printing import class_interval, in_brackets, interval, meaning, number, probability, spread
from langgeo_report.reading import ACROSS, WITHIN, Excesses, Question, Roles, marked, place_of, role_of, rows_of

SPACE_FIGURES = ("map", ACROSS, WITHIN, "nn1")
CLUSTER_FIGURES = ("ari", "ami")


@dataclass(frozen=True)
class Figure:
    """A column; `clusterer` is empty for a figure of the distances."""

    metric: str
    clusterer: str

    def __str__(self) -> str:
        return f"{self.metric} {self.clusterer}".strip()


@dataclass(frozen=True)
class Value:
    """A printed entry; `mark` shows whether the run is significantly above (▲) or below (▼) a baseline.

    It is hollow (△ ▽) where that does not hold once corrected for the number of comparisons.
    `spread` is the interval over languages in brackets; of chance `±` and the standard deviation over shuffled labels.
    """

    text: str = ""
    spread: str = ""
    mark: str = ""
    difference: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.spread}".strip()


@dataclass(frozen=True)
class Row:
    """The run, a baseline or chance, with an entry for each column.

    Parameters
    ----------
    kind : `own`, `chance`, or the role of a baseline
    """

    source: str
    kind: str
    values: list[Value]


Differences = Mapping[tuple[str, Question], Compared]
"""By baseline and question."""


@dataclass(frozen=True)
class Level:
    """One level of the classification; `languages` is the number of languages of the run's figures."""

    name: str
    rows: list[Row]
    languages: str


@dataclass(frozen=True)
class Glance:
    """The columns and the rows of each level; both are empty if no evaluator computed these figures."""

    figures: list[Figure]
    levels: list[Level]


def glance(
    metrics: Sequence[Metric],
    roles: Roles | None = None,
    excesses: Excesses | None = None,
    decided: Sequence[Compared] = (),
) -> Glance:
    """Retrieval, nearest-neighbour agreement and the chance-corrected indices of clusters, at each level.

    Parameters
    ----------
    decided : the comparisons that are corrected together for the verdict; all others are corrected together too
    """
    shown = [metric for metric in metrics if metric.metric in (CLUSTER_FIGURES if metric.clusterer else SPACE_FIGURES)]
    found = dict.fromkeys(Figure(metric.metric, metric.clusterer) for metric in shown)
    figures = sorted(found, key=lambda figure: figure.metric not in SPACE_FIGURES)
    names = dict.fromkeys(metric.level for metric in shown)
    known = {(row.other.source, row.metric.question) for row in decided}
    own = [metric for metric in shown if metric.source == "run"]
    others = [metric for metric in shown if (metric.source, metric.question) not in known]
    sources = {metric.source for metric in others}
    rows = [row for of_one in compared(own, others, excesses or {}, sources).values() for row in of_one]
    differences = {(row.other.source, row.metric.question): row for row in (*decided, *rows)}
    levels = [
        _level(name, [metric for metric in shown if metric.level == name], figures, roles or {}, differences)
        for name in names
    ]
    return Glance(figures, levels)


def _level(
    name: str, metrics: Sequence[Metric], figures: Sequence[Figure], roles: Roles, differences: Differences
) -> Level:
    own = {Figure(metric.metric, metric.clusterer): metric for metric in metrics if metric.source == "run"}
    sources = dict.fromkeys(metric.source for metric in metrics if metric.source != "run")
    others = sorted(sources, key=lambda source: place_of(source, roles))
    rows = [Row("this run", "own", [_value(own.get(figure)) for figure in figures])]
    for source in others:
        of_source = {Figure(metric.metric, metric.clusterer): metric for metric in metrics if metric.source == source}
        values = [_value(of_source.get(figure), differences) for figure in figures]
        rows.append(Row(marked(source, roles), role_of(source, roles), values))
    nulls = [own.get(figure) for figure in figures]
    chance = [Value() if one is None else Value(number(one.null_mean), spread(one.null_sd)) for one in nulls]
    rows.append(Row("this run, by chance", "chance", chance))
    counted = sorted({metric.n for metric in own.values()})
    return Level(name, rows, " to ".join(map(str, [*counted[:1], *counted[1:][-1:]])))


def _value(metric: Metric | None, differences: Differences | None = None) -> Value:
    if metric is None:
        return Value()
    row = (differences or {}).get((metric.source, metric.question))
    if row is None or row.excess is None:
        return Value(number(metric.value), in_brackets(metric))
    mark = ("▲" if row.above else "△") if row.excess.above else ("▼" if row.below else "▽") if row.excess.below else ""
    p = "" if row.p is None else f", adjusted p {probability(row.p)}"
    return Value(number(metric.value), in_brackets(metric), mark, f"{row.excess}{p}")


@dataclass(frozen=True)
class Strip:
    """Positions of value, null and interval on a small scale, in per cent of its width."""

    value: float
    zero: float
    null: tuple[float, float] | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Score:
    """A printed row."""

    evaluator: str
    level: str
    clusterer: str
    metric: str
    meaning: str
    source: str
    name: str
    value: str
    error: str
    seed_sd: str
    null: str
    p: str
    interval: str
    class_interval: str
    script_p: str
    distinct: str
    excess: str
    n: int
    k: str
    strip: Strip


def scorecard(
    metrics: Sequence[Metric], roles: Roles | None = None, excesses: Excesses | None = None
) -> list[list[Score]]:
    """A list of rows for each question, in the order of the file: the run, then baselines ordered by role."""
    of_baselines, known = roles or {}, excesses or {}

    def place(metric: Metric) -> tuple[bool, int]:
        return metric.source != "run", place_of(metric.source, of_baselines)

    questions: dict[tuple[str, ...], list[Metric]] = {}
    for metric in metrics:
        questions.setdefault(metric.question, []).append(metric)
    ordered = [sorted(group, key=place) for group in questions.values()]
    return [[_score(metric, of_baselines, group, known) for metric in group] for group in ordered]


def _score(metric: Metric, roles: Roles, group: Sequence[Metric], excesses: Excesses) -> Score:
    error, seed_sd = metric.spreads
    return Score(
        evaluator=metric.evaluator,
        level=metric.level,
        clusterer=metric.clusterer,
        metric=metric.metric,
        meaning=meaning(metric.metric),
        source=metric.source,
        name="this run" if metric.source == "run" else marked(metric.source, roles),
        value=number(metric.value),
        error=number(error),
        seed_sd="" if seed_sd is None else f"{number(seed_sd)} ({metric.seeds})",
        null=_with_spread(metric.null_mean, metric.null_sd),
        p=probability(metric.p),
        interval=interval(metric),
        class_interval=class_interval(metric),
        script_p=probability(metric.extras.get("script_p")),
        distinct=_distinct(metric),
        excess=str(excesses.get((metric.source, metric.question), "")),
        n=metric.n,
        k="" if metric.k is None else str(metric.k),
        strip=_strip(metric, group),
    )


def _distinct(metric: Metric) -> str:
    """The value without near duplicates, and how many languages that leaves."""
    count = metric.extras.get("distinct_n")
    return number(metric.extras.get("distinct")) + (f" ({count})" if count else "")


def _with_spread(value: float | None, sd: float | None) -> str:
    return f"{number(value)} {spread(sd)}".strip()


def _strip(metric: Metric, group: Sequence[Metric]) -> Strip:
    """The scale covers 0 to 1 and everything that is known of the group."""
    marks = [mark for one in group for mark in (one.value, one.null_mean, *(one.interval or ())) if mark is not None]
    low, high = float(min(0.0, *marks)), float(max(1.0, *marks))

    def place(value: float) -> float:
        return float(round(100 * (min(max(value, low), high) - low) / (high - low), 2))

    null = None
    if metric.null_mean is not None:
        reach = 2 * (metric.null_sd or 0.0)
        null = place(metric.null_mean - reach), place(metric.null_mean + reach)
    ends = metric.interval
    return Strip(place(metric.value), place(0.0), null, ends and (place(ends[0]), place(ends[1])))


@dataclass(frozen=True)
class Swept:
    """One figure at each number of clusters; entries are empty where it is undefined."""

    level: str
    clusterer: str
    metric: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Sweep:
    """The table; `numbers` are the numbers of clusters of its columns."""

    numbers: tuple[int, ...]
    rows: tuple[Swept, ...]


def sweep(run: Run) -> Sweep:
    """Read the chance-corrected metrics of k_sweep.csv (others increase with k); empty if there is no such file."""
    rows = [row for row in rows_of(run, schema.K_SWEEP) if row["metric"] in CLUSTER_FIGURES]
    numbers = tuple(sorted({row["k"] for row in rows}))
    figures = dict.fromkeys((row["level"], row["clusterer"], row["metric"]) for row in rows)
    return Sweep(numbers, tuple(Swept(*figure, _values(figure, numbers, rows)) for figure in figures))


def _values(figure: tuple[str, str, str], numbers: Sequence[int], rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    found = {
        row["k"]: _with_spread(row["value"], row["sd"])
        for row in rows
        if (row["level"], row["clusterer"], row["metric"]) == figure
    }
    return tuple(found.get(k, "") for k in numbers)
