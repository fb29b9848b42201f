"""The numbers that a verdict rests on, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from langgeo_core.api import Metric
from langgeo_report.page.numbers import probability
from langgeo_report.page.tested import Compared, Tested, named
from langgeo_report.page.verdict import Evidence

ROLES = {"rivals": "", "runs": " (another run)", "controls": " (not trained)", "ceilings": " (knows the answer)"}


def small_print(evidence: Evidence) -> list[str]:
    """Each deciding figure against its nulls, then each baseline's figures and the differences; empty without any."""
    if not evidence.figures:
        return []
    return [
        *map(_chance, evidence.figures),
        *_beside(evidence),
        "p is adjusted (Holm) for the figures listed, that of differences for all baselines and figures compared; "
        "an interval is 95 % over languages and is not adjusted.",
    ]


def _chance(figure: Tested) -> str:
    metric = figure.metric
    null = _number(metric.null_mean) + ("" if metric.null_sd is None else f" ± {metric.null_sd:.2f}")
    text = f"{_capital(named(metric))}{_at(metric)}: {_number(metric.value)} against {null} for shuffled labels"
    text += f", p {probability(figure.p)}"
    if figure.script_p is not None:
        text += f"; {_number(metric.script_null_mean)} within scripts, p {probability(figure.script_p)}"
    return f"{text}; {metric.n} languages."


def _at(metric: Metric) -> str:
    return f" at level {metric.level}" if metric.level else ""


def _beside(evidence: Evidence) -> Iterator[str]:
    groups: dict[str, Mapping[str, list[Compared]]] = {kind: getattr(evidence, kind) for kind in ROLES}
    for kind, baselines in groups.items():
        for name, rows in baselines.items():
            yield f"{name}{ROLES[kind]}: {'; '.join(_difference(row, kind != 'ceilings') for row in rows)}."


def _difference(row: Compared, tested: bool) -> str:
    reached = f"{named(row.metric)} {_number(row.other.value)}"
    if row.other.n != row.metric.n:
        reached += f" on {row.other.n} languages"
    if not tested:
        return reached
    if row.excess is None or row.p is None:
        return f"{reached}, not tested in pairs"
    return f"{reached}, this run less that {row.excess}, p {probability(row.p)}"


def _number(value: float | None) -> str:
    return f"{value or 0.0:z.2f}".replace("-", "−")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
