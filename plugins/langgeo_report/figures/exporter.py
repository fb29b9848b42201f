"""The exporter of `figures/`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib import rc_context, rcParamsDefault
from matplotlib.figure import Figure

from langgeo_core.api import Run
from langgeo_report.figures.matrix import dendrogram_figure, heatmap_figure
from langgeo_report.figures.points import map_figure, tree_figure, world_figure
from langgeo_report.options import FiguresOptions
from langgeo_report.view import View

FIGURES: dict[str, Callable[[View], Figure]] = {
    "map": map_figure,
    "mst": tree_figure,
    "heatmap": heatmap_figure,
    "dendrogram": dendrogram_figure,
    "world": world_figure,
}
# Everything that a user's own settings or the clock could change; outlines look the same with any viewer's fonts.
STYLE = {
    **rcParamsDefault,
    "backend": "agg",
    "svg.hashsalt": "langgeo",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.linewidth": 0.6,
    "lines.linewidth": 0.8,
    "axes.edgecolor": "0.4",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.color": "0.3",
    "ytick.color": "0.3",
    "legend.frameon": False,
}
UNDATED: dict[str, dict[str, str | None]] = {"svg": {"Date": None}, "png": {"Software": None}}


class FiguresExporter:
    """Writes each figure as SVG and PNG; the same run gives the same bytes."""

    def __init__(self, options: FiguresOptions) -> None:
        self.options = options

    def export(self, run: Run) -> list[Path]:
        """Write `figures/map`, `mst`, `heatmap`, `dendrogram` and `world`."""
        view = View.of(run, self.options.colour_by)
        folder = run.path / "figures"
        folder.mkdir(exist_ok=True)
        with rc_context(STYLE):
            return [file for name, draw in FIGURES.items() for file in self._saved(draw(view), folder / name)]

    def _saved(self, figure: Figure, stem: Path) -> list[Path]:
        files = [stem.with_suffix(f".{suffix}") for suffix in UNDATED]
        for file, metadata in zip(files, UNDATED.values(), strict=True):
            figure.savefig(file, dpi=self.options.dpi, metadata=metadata, facecolor="white")
        return files
