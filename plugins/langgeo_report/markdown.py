"""The exporter of `report.md`: the tables of the page as text, for papers, notes and pull requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from langgeo_core.api import Run, schema, write_text
from langgeo_inference.api import holm
from langgeo_report.layers import Network, Part, networks
from langgeo_report.printing import with_interval
from langgeo_report.reading import (
    APART,
    SIGNIFICANT,
    Roles,
    excesses_of,
    marked,
    metrics_of,
    of_score_card,
    role_of,
    rows_of,
    title_of,
)
from langgeo_report.scores import Figure, Glance, glance
from langgeo_report.sections import confounds, reliability, tree_fit
from langgeo_report.transfer import transfers
from langgeo_report.verdict import small_print, verdict


@dataclass(frozen=True)
class Differences:
    """At one level: the run minus each baseline, with an entry for each figure of the score card."""

    level: str
    rows: list[tuple[str, list[str]]]


class MarkdownExporter:
    """Writes the score card, paired differences, trees, confounds and layers as GitHub Markdown tables."""

    def export(self, run: Run) -> list[Path]:
        """Write `report.md`; the same run gives the same bytes."""
        file = run.path / "report.md"
        write_text(file, _text(run))
        return [file]


def _text(run: Run) -> str:
    metrics, excesses, roles = metrics_of(run), excesses_of(run), run.baseline_roles
    judged = verdict(run.record, metrics, excesses, roles)
    scores = glance(of_score_card(metrics), roles, *judged.differences(excesses))
    text: str = (
        _environment()
        .get_template("report.md.j2")
        .render(
            name=title_of(run),
            verdict=judged,
            small_print=small_print(judged.evidence),
            languages=len(run.languages),
            glance=scores,
            differences=differences(scores, rows_of(run, schema.COMPARISONS), roles),
            reliability=reliability(run, metrics),
            tree_fit=tree_fit(metrics, run.replicates.count if run.replicates else 0),
            confounds=confounds(metrics),
            networks=[(network, *parts_table(network)) for network in networks(metrics)],
            transfers=transfers(metrics, run.languages, roles),
        )
    )
    return text


def differences(scores: Glance, rows: Sequence[dict[str, Any]], roles: Roles) -> list[Differences]:
    """The run minus each baseline that is not a ceiling.

    Bold: p below 0.05, adjusted by Holm's method for the figures of the row.
    """
    found: dict[tuple[str, str], dict[Figure, dict[str, Any]]] = {}
    for row in rows:
        if row["evaluator"] not in APART and role_of(row["baseline"], roles) != "ceiling":
            figure = Figure(row["metric"], row["clusterer"])
            found.setdefault((row["level"], row["baseline"]), {})[figure] = row
    levels: dict[str, list[tuple[str, list[str]]]] = {}
    for (level, baseline), figures in found.items():
        levels.setdefault(level, []).append((marked(baseline, roles), _entries(scores.figures, figures)))
    return [Differences(level, entries) for level, entries in levels.items()]


def _entries(figures: Sequence[Figure], rows: dict[Figure, dict[str, Any]]) -> list[str]:
    present = [rows[figure] for figure in figures if figure in rows]
    tested = [row for row in present if row["p"] is not None]
    adjusted = holm([row["p"] for row in tested])
    bold = {id(row) for row, p in zip(tested, adjusted, strict=True) if p < SIGNIFICANT}
    return [_entry(rows[figure], id(rows[figure]) in bold) if figure in rows else "" for figure in figures]


def _entry(row: dict[str, Any], bold: bool) -> str:
    known = row["low"] is not None and row["high"] is not None
    interval = f" [{row['low']:z.3f}, {row['high']:z.3f}]" if known else ""
    text = f"{row['delta']:+z.3f}{interval}".replace("-", "−")
    return f"**{text}**" if bold else text


def parts_table(network: Network) -> tuple[list[str], list[list[str]]]:
    """The headings, a column for each figure, and the rows: the whole network, layers, modules and ranges of depth."""
    figures = dict.fromkeys((part.figure, part.clusterer) for part in network.parts)
    rows: dict[tuple[str, str], dict[tuple[str, str], Part]] = {}
    for part in network.parts:
        if part.kind != "matrix":
            rows.setdefault((part.kind, part.name), {})[(part.figure, part.clusterer)] = part
    headings = [" ".join(filter(None, figure)) for figure in figures]
    return headings, [[*names, *(_part(found.get(one)) for one in figures)] for names, found in rows.items()]


def _part(part: Part | None) -> str:
    return "" if part is None else with_interval(part.metric)


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
    """Text for a table: bars are escaped, line breaks removed."""
    return " ".join(str(text).replace("|", "\\|").split())
