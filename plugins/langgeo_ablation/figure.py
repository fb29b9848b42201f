"""ablation.svg and ablation.png: a panel for each telling figure, a dot for each variant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgeo_ablation.comparisons import Comparison
from langgeo_ablation.sentence import matters
from langgeo_ablation.telling import figure_name, telling
from langgeo_core.system.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAPTION = "bars: 95 % interval of the difference from the baseline (line), uncorrected; red: differs after correction"
# What a user's own settings or the clock could change.
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "langgeo",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
}
METADATA: dict[str, dict[str, str | None]] = {"svg": {"Date": None}, "png": {"Software": None}}
DIFFERS, SAME = "#b5403a", "0.35"


def write_figure(folder: Path, comparisons: Sequence[Comparison]) -> list[Path]:
    """Draw and save; nothing where there is no figure to show."""
    from matplotlib import rc_context, rcParamsDefault

    shown = telling(comparisons)
    if not shown:
        return []
    files = []
    with rc_context({**rcParamsDefault, "backend": "agg", **STYLE}):
        figure = draw(shown)
        for suffix, metadata in METADATA.items():
            with replacing(folder / f"ablation.{suffix}") as scratch:
                figure.savefig(scratch, dpi=200, metadata=metadata, facecolor="white")
            files.append(folder / f"ablation.{suffix}")
    return files


def draw(rows: Sequence[Comparison]) -> Figure:
    """Panels side by side that share the variants' names."""
    from matplotlib.figure import Figure

    panels: dict[str, list[Comparison]] = {}
    for row in rows:
        panels.setdefault(figure_name(row.metric), []).append(row)
    names = list(dict.fromkeys(row.outcome.variant.name for row in rows))
    figure = Figure(figsize=(2.6 + 2.2 * len(panels), 1.2 + 0.22 * len(names)), layout="constrained")
    drawn = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, own) in zip(drawn, panels.items(), strict=True):
        _panel(axes, title, own, names)
    figure.supxlabel(CAPTION, fontsize=6.5, color="0.3")
    return figure


def _panel(axes: Axes, title: str, rows: Sequence[Comparison], names: Sequence[str]) -> None:
    for row in rows:
        height = names.index(row.outcome.variant.name)
        if row.outcome.variant.is_baseline:
            axes.axvline(row.metric.value, color="0.6", linewidth=0.8, zorder=1)
        _dot(axes, row, height)
    axes.set_title(title, fontsize=8.0)
    axes.set_yticks(range(len(names)), [name.replace("$", r"\$") for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.spines[["top", "right"]].set_visible(False)


def _dot(axes: Axes, row: Comparison, height: int) -> None:
    colour, known = (DIFFERS if matters(row) else SAME), row.difference
    if known and known.low is not None and known.high is not None:
        reference = row.metric.value - known.delta
        axes.plot([reference + known.low, reference + known.high], [height, height], color=colour, linewidth=1.0)
    filled = colour if matters(row) or row.outcome.variant.is_baseline else "white"
    axes.plot([row.metric.value], [height], "o", markersize=4.0, color=colour, markerfacecolor=filled, zorder=3)
