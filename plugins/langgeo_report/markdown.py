"""The exporter of `report.md`: the tables of the page as text, for papers, notes and pull requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from langgeo_core.api import Run, holm
from langgeo_report.page.confounds import confounds
from langgeo_report.page.excess import excesses_of
from langgeo_report.page.files import metrics_of, rows_of
from langgeo_report.page.glance import Figure, Glance, glance
from langgeo_report.page.layers import Network, Part, networks
from langgeo_report.page.numbers import interval, number
from langgeo_report.page.roles import Roles, marked, role_of
from langgeo_report.page.sections import APART, of_score_card
from langgeo_report.page.small_print import small_print
from langgeo_report.page.sureness import sureness
from langgeo_report.page.tree_fit import tree_fit
from langgeo_report.page.verdict import verdict

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Differences:
    """Of one level: the run less each baseline, an entry for each figure of the score card."""

    level: str
    rows: list[tuple[str, list[str]]]


class MarkdownExporter:
    """Writes the score card, paired differences, trees, confounds and layers as tables of GitHub's Markdown."""

    def export(self, run: Run) -> list[Path]:
        """Write `report.md`; the same run gives the same bytes."""
        file = run.path / "report.md"
        file.write_text(_text(run), encoding="utf-8")
        return [file]


def _text(run: Run) -> str:
    metrics, excesses, roles = metrics_of(run), excesses_of(run), run.baseline_roles
    scores = glance(of_score_card(metrics), roles, excesses)
    judged = verdict(run.record, metrics, excesses, roles)
    text: str = (
        _environment()
        .get_template("report.md.j2")
        .render(
            name=run.record.get("name") or run.path.name,
            verdict=judged,
            small_print=small_print(judged.evidence),
            languages=len(run.languages),
            glance=scores,
            differences=differences(scores, rows_of(run, "comparisons.csv"), roles),
            sureness=sureness(run, metrics),
            tree_fit=tree_fit(metrics, run.replicates.count if run.replicates else 0),
            confounds=confounds(metrics),
            networks=[(network, *parts_table(network)) for network in networks(metrics)],
        )
    )
    return text


def differences(scores: Glance, rows: Sequence[dict[str, str]], roles: Roles) -> list[Differences]:
    """The run less each baseline that is no ceiling.

    In bold where p, adjusted by Holm for the figures of the row, is below 0.05.
    """
    found: dict[tuple[str, str], dict[Figure, dict[str, str]]] = {}
    for row in rows:
        if row["evaluator"] not in APART and role_of(row["baseline"], roles) != "ceiling":
            figure = Figure(row["metric"], row["clusterer"])
            found.setdefault((row["level"], row["baseline"]), {})[figure] = row
    levels: dict[str, list[tuple[str, list[str]]]] = {}
    for (level, baseline), figures in found.items():
        levels.setdefault(level, []).append((marked(baseline, roles), _entries(scores.figures, figures)))
    return [Differences(level, entries) for level, entries in levels.items()]


def _entries(figures: Sequence[Figure], rows: dict[Figure, dict[str, str]]) -> list[str]:
    present = [rows[figure] for figure in figures if figure in rows]
    tested = [row for row in present if row["p"]]
    adjusted = holm([float(row["p"]) for row in tested])
    sure = {id(row) for row, p in zip(tested, adjusted, strict=True) if p < SIGNIFICANT}
    return [_entry(rows[figure], id(rows[figure]) in sure) if figure in rows else "" for figure in figures]


def _entry(row: dict[str, str], sure: bool) -> str:
    interval = f" [{float(row['low']):z.3f}, {float(row['high']):z.3f}]" if row["low"] and row["high"] else ""
    text = f"{float(row['delta']):+z.3f}{interval}".replace("-", "−")
    return f"**{text}**" if sure else text


def parts_table(network: Network) -> tuple[list[str], list[list[str]]]:
    """A column for each figure, and a row for the whole network, each layer, module and range of depth."""
    figures = dict.fromkeys((part.figure, part.clusterer) for part in network.parts)
    rows: dict[tuple[str, str], dict[tuple[str, str], Part]] = {}
    for part in network.parts:
        if part.kind != "matrix":
            rows.setdefault((part.kind, part.name), {})[(part.figure, part.clusterer)] = part
    headings = [" ".join(filter(None, figure)) for figure in figures]
    return headings, [[*names, *(_part(found.get(one)) for one in figures)] for names, found in rows.items()]


def _part(part: Part | None) -> str:
    return "" if part is None else f"{number(part.metric.value)} ({interval(part.metric)})"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("langgeo_report", "data"),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    return environment


def _cell(text: object) -> str:
    """What may stand in a table: a bar would end the cell, a line break the row."""
    return " ".join(str(text).replace("|", "\\|").split())
