"""The ablation as rows: all of them for ablation.csv, the telling ones for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from langgeo_ablation.comparisons import Comparison
from langgeo_ablation.halves import key_of
from langgeo_ablation.runner import Outcome
from langgeo_ablation.telling import figure_name, telling
from langgeo_core.evaluation.paired import p_text
from langgeo_core.pipeline.stages.evaluate import METRIC_COLUMNS

DIFFERENCE_COLUMNS = ("delta", "delta_low", "delta_high", "p_adjusted")
SHOWN_COLUMNS = ("variant", "figure", "value", "by chance", "difference [95 %]", "adjusted p")


def columns(keys: Sequence[str]) -> list[str]:
    """The header of ablation.csv."""
    return ["variant", *keys, "status", "reason", *METRIC_COLUMNS, *DIFFERENCE_COLUMNS]


def all_rows(outcomes: Sequence[Outcome], comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    """A row per variant and metric; one row for a variant without metrics."""
    return [row for outcome in outcomes for row in _rows_of(outcome, comparisons)]


def _rows_of(outcome: Outcome, comparisons: Sequence[Comparison]) -> Iterator[dict[str, Any]]:
    head = {"variant": outcome.variant.name, **outcome.variant.choices}
    own = [row for row in comparisons if row.outcome is outcome]
    for row in own:
        tail = {name: value for name, value in asdict(row.metric).items() if name in METRIC_COLUMNS}
        yield {**head, "status": outcome.status, "reason": _remark(row), **tail, **_difference(row)}
    if not own:
        empty = dict.fromkeys((*METRIC_COLUMNS, *DIFFERENCE_COLUMNS))
        yield {**head, "status": outcome.status, "reason": outcome.reason, **empty}


def _remark(row: Comparison) -> str:
    if row.partly and row.difference:
        return f"the difference is over the {row.shared} languages that the baseline has too"
    return row.failure or row.outcome.reason


def _difference(row: Comparison) -> dict[str, float | None]:
    known = row.difference
    values = (known.delta, known.low, known.high) if known else (None, None, None)
    return dict(zip(DIFFERENCE_COLUMNS, (*values, row.p_adjusted), strict=True))


def shown_rows(outcomes: Sequence[Outcome], comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """The telling figures of every variant in words, SHOWN_COLUMNS each; below the baseline's those of no model."""
    shown: list[tuple[str, ...]] = []
    for outcome in outcomes:
        name, own = outcome.variant.name, [row for row in telling(comparisons) if row.outcome is outcome]
        mark = "" if outcome.status == "ok" else f" ({outcome.status})"
        if not own:
            shown.append((name + mark, outcome.reason or "no figures", "", "", "", ""))
        shown.extend(_shown(name + mark, row) for row in own)
        if outcome.variant.is_baseline:
            shown.extend(_shown(f"{row.metric.source} (no model)", row) for row in _without_model(own, comparisons))
    return shown


def _without_model(own: Sequence[Comparison], comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The same figures of the distances that the config compares its own with, such as those of the text alone."""
    figures = {key_of(row.metric)[1:] for row in own}
    others = [row for row in comparisons if row.metric.source != "run" and row.outcome.variant.is_baseline]
    return [row for row in others if key_of(row.metric)[1:] in figures]


def _shown(name: str, row: Comparison) -> tuple[str, ...]:
    metric = row.metric
    chance = "-" if metric.null_mean is None else _with_spread(metric.null_mean, metric.null_sd)
    return name, figure_name(metric), _with_spread(metric.value, metric.sd), chance, *difference_texts(row)


def _with_spread(value: float, spread: float | None) -> str:
    return f"{value:z.3f}" if spread is None else f"{value:z.3f} ± {spread:.3f}"


def difference_texts(row: Comparison) -> tuple[str, str]:
    """`-0.050 [-0.301, 0.201]` and the adjusted p; dashes for the baseline and for what cannot be had."""
    known = row.difference
    if row.outcome.variant.is_baseline or known is None:
        return "-", "-"
    interval = "" if known.low is None or known.high is None else f" [{known.low:z.3f}, {known.high:z.3f}]"
    return f"{known.delta:+z.3f}{interval}", "-" if row.p_adjusted is None else p_text(row.p_adjusted)
