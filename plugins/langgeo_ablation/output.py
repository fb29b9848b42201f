"""The files of an ablation: run.json, ablation.csv, .md, .html, .svg and .png."""

from __future__ import annotations

import json
import platform
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgeo_ablation.choices import Sweep
from langgeo_ablation.comparisons import Comparison
from langgeo_ablation.sentences import is_significant
from langgeo_ablation.variants import Outcome, Variant
from langgeo_core.api import extra_columns, package_versions, replacing, schema, write_table, write_text
from langgeo_inference.api import p_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DIFFERENCE_COLUMNS = ("delta", "delta_low", "delta_high", "p_adjusted")
ALIKE_COLUMN = "distance_spearman"
SHOWN_COLUMNS = (
    "variant", "metric", "value", "standard error", "sd over seeds", "by chance", "difference [95 %]", "adjusted p"
)  # fmt: skip
METHOD = (
    "Standard error: over languages; sd over seeds: of a clusterer with several; by chance: with shuffled classes. "
    "Differences from the baseline are evaluated on the same {halves} random halves of the "
    "languages, drawn without replacement; p is adjusted by Holm's method over the {tests} comparisons above."
)


@dataclass(frozen=True)
class Findings:
    """Variants, their metrics beside the baseline's, how alike their distances are, and what is said about them."""

    config: str
    sweep: Sweep
    outcomes: Sequence[Outcome]
    comparisons: Sequence[Comparison]
    sentences: Sequence[str]
    halves: int
    alike: Mapping[str, float]

    @property
    def columns(self) -> list[str]:
        """Those of ablation.csv."""
        return [
            "variant",
            *self.sweep.swept,
            "status",
            "reason",
            *self.metric_columns,
            *DIFFERENCE_COLUMNS,
            ALIKE_COLUMN,
        ]

    @cached_property
    def metric_columns(self) -> tuple[str, ...]:
        """Those of metrics.csv in any variant."""
        configs = [outcome.variant.config for outcome in self.outcomes if outcome.variant.config]
        return (*schema.METRICS.header, *extra_columns(*configs))

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Those of ablation.csv: one for each variant and metric; a variant without metrics has one row."""
        return [row for outcome in self.outcomes for row in self._rows_of(outcome)]

    @cached_property
    def shown(self) -> list[tuple[str, ...]]:
        """The headline metrics of every variant as text; those of no model follow the baseline's."""
        return list(_shown_rows(self.outcomes, self.comparisons))

    def _rows_of(self, outcome: Outcome) -> Iterator[dict[str, Any]]:
        head = {"variant": outcome.variant.name, **outcome.variant.choices, "status": outcome.status}
        own = [row for row in self.comparisons if row.outcome is outcome]
        alike = {ALIKE_COLUMN: self.alike.get(outcome.variant.name)}
        for row in own:
            reason = row.failure or outcome.reason
            if row.partly and row.difference:
                reason = f"the difference is over the {row.shared} languages that the baseline has too"
            known = row.difference
            values = (known.delta, known.low, known.high) if known else (None, None, None)
            figure = row.metric.row
            metric = {name: figure[name] for name in self.metric_columns}
            differences = zip(DIFFERENCE_COLUMNS, (*values, row.p_adjusted), strict=True)
            yield {**head, "reason": reason, **metric, **dict(differences), **alike}
        if not own:
            nothing = dict.fromkeys((*self.metric_columns, *DIFFERENCE_COLUMNS))
            yield {**head, "reason": outcome.reason, **nothing, **alike}


def _shown_rows(outcomes: Sequence[Outcome], comparisons: Sequence[Comparison]) -> Iterator[tuple[str, ...]]:
    for outcome in outcomes:
        own = [row for row in comparisons if row.headline and row.outcome is outcome]
        name = outcome.variant.name if outcome.status == "ok" else f"{outcome.variant.name} ({outcome.status})"
        if not own:
            yield name, outcome.reason or "no metrics", *[""] * (len(SHOWN_COLUMNS) - 2)
        yield from (_shown(name, row) for row in own)
        if outcome.variant.is_baseline:
            questions = {row.metric.question for row in own}
            for row in comparisons:
                if row.outcome is outcome and row.metric.source != "run" and row.metric.question in questions:
                    yield _shown(f"{row.metric.source} (no model)", row)


def _shown(name: str, row: Comparison) -> tuple[str, ...]:
    """A row as text, its difference as `-0.050 [-0.301, 0.201]`; dashes where there is none."""
    metric, known = row.metric, row.difference
    numbers = (metric.value, *metric.spreads, metric.null_mean)
    difference = p = "-"
    if known and not row.outcome.variant.is_baseline:
        interval = "" if known.low is None or known.high is None else f" [{known.low:z.3f}, {known.high:z.3f}]"
        difference = f"{known.delta:+z.3f}{interval}"
        p = "-" if row.p_adjusted is None else p_text(row.p_adjusted)
    return name, row.name, *("-" if one is None else f"{one:z.3f}" for one in numbers), difference, p


def write_files(folder: Path, findings: Findings) -> list[Path]:
    """Write what is for readers and return the paths."""
    write_table(folder / "ablation.csv", findings.columns, findings.rows)
    pictures = _write_figure(folder, findings.comparisons)
    baseline = findings.outcomes[0].variant
    choices = ", ".join(f"{key}={choice}" for key, choice in baseline.choices.items())
    fixed = f"; in all variants: {', '.join(findings.sweep.fixed)}" if findings.sweep.fixed else ""
    settings = f"Baseline: {choices}{fixed}."
    tests = _tests(row for row in findings.comparisons if row.headline)
    title, method = f"Ablation of {Path(findings.config).stem}", METHOD.format(halves=findings.halves, tests=tests)
    write_text(folder / "ablation.md", _as_markdown(title, settings, method, findings))
    svg = pictures[0].read_text(encoding="utf-8") if pictures else ""
    write_text(folder / "ablation.html", _as_html(title, settings, method, findings, svg))
    return [*(folder / f"ablation.{suffix}" for suffix in ("csv", "md", "html")), *pictures]


def _tests(comparisons: Iterable[Comparison]) -> int:
    """How many differences were tested, which Holm's method corrects for."""
    return sum(row.p_adjusted is not None for row in comparisons)


# run.json


def described(config: str, sweep: Sweep, halves: int, baseline: Variant) -> dict[str, Any]:
    """What run.json says before the first variant is run: the request, with which versions."""
    assert baseline.config is not None
    return {
        "kind": "ablation",
        "name": baseline.config.settings.name,
        "config": config,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "langgeo": version("langgeo"),
        "versions": package_versions(baseline.config),
        "platform": platform.platform(),
        "keys": {key: list(choices) for key, choices in sweep.keys if len(choices) > 1},
        "fixed": list(sweep.fixed),
        "seed": baseline.config.settings.seed,
        "halves": halves,
        "finished": False,
    }


def counted(findings: Findings) -> dict[str, Any]:
    """What run.json says after the last variant; each variant's own run.json says more."""
    names = ("status", "reason", "cells_calibrated", "cells_reused", "seconds", "kept")
    return {
        "variants": [
            {"variant": outcome.variant.name, "choices": dict(outcome.variant.choices)}
            | {name: getattr(outcome, name) for name in names}
            for outcome in findings.outcomes
        ],
        "cells_calibrated": sum(outcome.cells_calibrated for outcome in findings.outcomes),
        "cells_reused": sum(outcome.cells_reused for outcome in findings.outcomes),
        "tests": _tests(findings.comparisons),
        "sentences": list(findings.sentences),
    }


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Write run.json."""
    write_text(folder / "run.json", json.dumps(record, indent=1, ensure_ascii=False))


def is_ablation(folder: Path) -> bool:
    """Whether the run.json of a folder is that of an ablation."""
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("kind") == "ablation"


# ablation.md and ablation.html

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}
table {{ border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }}
th, td {{ text-align: left; padding: .2rem .7rem .2rem 0; border-bottom: 1px solid #e4e4e4; white-space: nowrap }}
div {{ overflow-x: auto }} img {{ max-width: 100% }} code {{ background: #f3f3f3; padding: 0 .2em }}
@media (prefers-color-scheme: dark) {{ body {{ background: #181818; color: #ddd }} th, td {{ border-color: #383838 }}
code {{ background: #2a2a2a }} }}
</style></head><body>
"""


def _as_markdown(title: str, settings: str, method: str, findings: Findings) -> str:
    """The sentences and the headline metrics; all rows are in ablation.csv."""
    table = [SHOWN_COLUMNS, ["---"] * len(SHOWN_COLUMNS), *findings.shown]
    bars = (f"| {' | '.join(entry.replace('|', chr(92) + '|') for entry in row)} |" for row in table)
    said = (f"- {sentence}" for sentence in findings.sentences)
    lines = [f"# {title}", "", settings, "", *said, "", *bars, "", method, ""]
    return "\n".join([*lines, "All metrics: [ablation.csv](ablation.csv)", ""])


def _as_html(title: str, settings: str, method: str, findings: Findings, svg: str) -> str:
    """One page that needs nothing else. The picture is an image, so that its styles and ids stay its own."""
    data = b64encode(svg.encode()).decode()
    image = f'<p><img alt="Each variant beside the baseline" src="data:image/svg+xml;base64,{data}"></p>' if svg else ""
    columns, rows = findings.columns, findings.rows
    parts = [
        HEAD.format(title=escape(title)),
        f"<h1>{escape(title)}</h1><p>{escape(settings)}</p>",
        f"<ul>{''.join(f'<li>{escape(said)}</li>' for said in findings.sentences)}</ul>",
        image,
        _table(SHOWN_COLUMNS, findings.shown),
        f"<p>{escape(method)}</p>",
        f"<details><summary>All {len(rows)} rows</summary>",
        _table(columns, ([_entry(row[column]) for column in columns] for row in rows)),
        "</details></body></html>\n",
    ]
    return "\n".join(parts)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(entry)}</td>" for entry in row) + "</tr>" for row in rows)
    return f"<div><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"


def _entry(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:z.4f}" if isinstance(value, float) else str(value)


# ablation.svg and ablation.png

CAPTION = "bars: 95 % interval of the difference from the baseline (line), uncorrected; red: significant, corrected"
# What a user's own settings or the clock could change.
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "langgeo",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
}
METADATA: dict[str, dict[str, str | None]] = {"svg": {"Date": None}, "png": {"Software": None}}
DIFFERENT, SAME = "#b5403a", "0.35"


def _write_figure(folder: Path, comparisons: Sequence[Comparison]) -> list[Path]:
    """A panel for each headline metric, a dot for each variant; no files where there is no headline metric."""
    from matplotlib import rc_context, rcParamsDefault

    shown = [row for row in comparisons if row.headline]
    if not shown:
        return []
    files = []
    with rc_context({**rcParamsDefault, "backend": "agg", **STYLE}):
        figure = _draw(shown)
        for suffix, metadata in METADATA.items():
            with replacing(folder / f"ablation.{suffix}") as scratch:
                figure.savefig(scratch, dpi=200, metadata=metadata, facecolor="white")
            files.append(folder / f"ablation.{suffix}")
    return files


def _draw(rows: Sequence[Comparison]) -> Figure:
    from matplotlib.figure import Figure

    panels: dict[str, list[Comparison]] = {}
    for row in rows:
        panels.setdefault(row.name, []).append(row)
    names = list(dict.fromkeys(row.outcome.variant.name for row in rows))
    figure = Figure(figsize=(2.6 + 2.2 * len(panels), 1.2 + 0.22 * len(names)), layout="constrained")
    drawn = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, own) in zip(drawn, panels.items(), strict=True):
        for row in own:
            _draw_dot(axes, row, names.index(row.outcome.variant.name))
        axes.set_title(title, fontsize=8.0)
        axes.set_yticks(range(len(names)), [name.replace("$", r"\$") for name in names])
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel(CAPTION, fontsize=6.5, color="0.3")
    return figure


def _draw_dot(axes: Axes, row: Comparison, height: int) -> None:
    colour, known = (DIFFERENT if is_significant(row) else SAME), row.difference
    if row.outcome.variant.is_baseline:
        axes.axvline(row.metric.value, color="0.6", linewidth=0.8, zorder=1)
    if known and known.low is not None and known.high is not None:
        reference = row.metric.value - known.delta
        axes.plot([reference + known.low, reference + known.high], [height, height], color=colour, linewidth=1.0)
    filled = colour if is_significant(row) or row.outcome.variant.is_baseline else "white"
    axes.plot([row.metric.value], [height], "o", markersize=4.0, color=colour, markerfacecolor=filled, zorder=3)
