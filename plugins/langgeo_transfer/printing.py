"""Figures and differences as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import click

from langgeo_core.api import print_table
from langgeo_inference.api import p_text
from langgeo_transfer.figures import Figure, Gap
from langgeo_transfer.table import SHOWN


def print_figures(figures: Sequence[Figure]) -> None:
    """A row for each distance and one for shuffled sources, a column for each metric."""
    metrics = list(dict.fromkeys(one.metric for one in figures))
    rows = []
    for name in dict.fromkeys(one.distance for one in figures):
        own = {one.metric: one for one in figures if one.distance == name}
        rows.append([name, *(_entry(own.get(metric)) for metric in metrics)])
    chance = {one.metric: one.null_mean for one in figures[: len(metrics)] if one.null_mean is not None}
    rows.append(["shuffled", *(number(chance[one]) if one in chance else "" for one in metrics)])
    print_table(["", *metrics], rows)


def _entry(figure: Figure | None) -> str:
    if figure is None:
        return ""
    star = "*" if figure.p is not None and figure.p < 0.05 else ""
    ends = "" if figure.low is None or figure.high is None else f" [{number(figure.low)}, {number(figure.high)}]"
    return f"{number(figure.value)}{star}{ends}"


def print_gaps(gaps: Sequence[Gap]) -> None:
    """The significant differences of the first distance from the others, or that there are none."""
    told = [one for one in gaps if one.adjusted is not None and one.adjusted < 0.05]
    if not gaps:
        return
    first = gaps[0].distance
    if not told:
        click.echo(f"no significant difference between {first} and the others (p by Holm over {len(gaps)})")
        return
    click.echo(f"significant differences, {first} minus another (p by Holm over {len(gaps)}):")
    rows = []
    for one in told:
        ends = "" if one.low is None or one.high is None else f"[{number(one.low)}, {number(one.high)}]"
        rows.append([one.reference, one.metric, number(one.value), ends, p_text(one.adjusted or 0.0)])
    print_table(["minus", "metric", "difference", "interval", "p"], rows)


def number(value: float) -> str:
    """Three decimals, of a score above ten two."""
    return f"{value:z.3f}" if abs(value) < 10 else f"{value:z.2f}"


def task_name(task: str) -> str:
    """The name of a task before what is said of it; nothing where a table has no tasks."""
    return f"{task}: " if task else ""


def some(ids: Sequence[str], noun: str) -> str:
    """How many, and the first of them."""
    shown = ", ".join(ids[:SHOWN]) + (", …" if len(ids) > SHOWN else "")
    return f"{len(ids)} {noun}{'' if len(ids) == 1 else 's'}{f' ({shown})' if ids else ''}"
