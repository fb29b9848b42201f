"""The exporter of `report.html`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from langgeo_core.api import Run, schema, write_text
from langgeo_report.layers import layers_plot, networks
from langgeo_report.matrix_plots import heatmap_plot, kept_plot, spectrum_plot
from langgeo_report.neighbours import agreement, nearest
from langgeo_report.options import HtmlOptions
from langgeo_report.point_plots import Plot, map_plot, space_plot, tree_plot, world_plot
from langgeo_report.printing import explanations
from langgeo_report.provenance import provenance
from langgeo_report.reading import excesses_of, metrics_of, of_score_card, rows_of
from langgeo_report.scores import glance, scorecard, sweep
from langgeo_report.sections import confounds, reliability, tree_fit
from langgeo_report.transfer import transfers
from langgeo_report.verdict import small_print, verdict
from langgeo_report.view import View

# Matrices of which less than this share of weights is kept, or more than 1 minus it, are called saturated.
SATURATED = 0.05


class HtmlExporter:
    """Writes one page that works offline: style, scripts, plotly.js and data are embedded in it."""

    def __init__(self, options: HtmlOptions) -> None:
        self.options = options

    def export(self, run: Run) -> list[Path]:
        """Write `report.html`; the same run gives the same bytes."""
        file = run.path / "report.html"
        write_text(file, self._page(run))
        return [file]

    def _page(self, run: Run) -> str:
        view = View.of(run, self.options.colour_by)
        kept = [row for row in rows_of(run, schema.KEPT) if row["kept_mean"] is not None]
        plots = _plots(view, kept, self.options.label_limit)
        metrics, excesses, roles = metrics_of(run), excesses_of(run), run.baseline_roles
        judged = verdict(run.record, metrics, excesses, roles)
        parts = networks(metrics)
        plots |= {f"layers-{number}": layers_plot(network) for number, network in enumerate(parts, start=1)}
        scores = of_score_card(metrics)
        return (
            Environment(
                loader=PackageLoader("langgeo_report", "data"),
                autoescape=True,
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
            )
            .get_template("report.html.j2")
            .render(
                name=run.record.get("name") or run.path.name,
                verdict=judged,
                small_print=small_print(judged.evidence),
                view=view,
                glance=glance(scores, roles, excesses),
                scorecard=scorecard(scores, roles, excesses),
                explanations=explanations(scores),
                reliability=reliability(run, metrics),
                sweep=sweep(run),
                tree_fit=tree_fit(metrics, run.replicates.count if run.replicates else 0),
                confounds=confounds(metrics),
                networks=parts,
                transfers=transfers(metrics, run.languages, roles),
                plots=plots,
                closeness=closeness(view, self.options.nearest),
                negative_mass=run.embedding.notes.get("negative_mass"),
                saturated=sum(not SATURATED <= row["kept_mean"] <= 1 - SATURATED for row in kept),
                matrices=len(kept),
                provenance=provenance(run),
                data=_embedded({name: plot for name, plot in plots.items() if plot}),
                plotly_js=Markup(get_plotlyjs()),
            )
        )


def _plots(view: View, kept: list[dict[str, str]], label_limit: int) -> dict[str, Plot | None]:
    return {
        "map": map_plot(view, label_limit),
        "space": space_plot(view),
        "tree": tree_plot(view, label_limit),
        "world": world_plot(view, label_limit),
        "heatmap": heatmap_plot(view),
        "spectrum": spectrum_plot(view),
        "kept": kept_plot(kept),
    }


def _embedded(value: Any) -> Markup:
    """JSON for a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


@dataclass(frozen=True)
class Near:
    """A printed neighbour; `same` tells whether it has the class of the row's language."""

    name: str
    distance: str
    same: bool


@dataclass(frozen=True)
class Row:
    """A printed row: a language and its nearest neighbours."""

    id: str
    name: str
    label: str
    colour: str
    near: tuple[Near, ...]


@dataclass(frozen=True)
class Closeness:
    """The table of nearest neighbours; of `able` languages, `agreeing` have a nearest neighbour of their class."""

    level: str
    rows: list[Row]
    agreeing: int
    able: int
    columns: int


def closeness(view: View, count: int) -> Closeness:
    """The table at the level that colours the report, sorted by class and name."""
    classes = view.levels[view.level]
    neighbours = nearest(view.distances, count)
    colours = {member: group.colour for group in view.groups() for member in group.members}
    rows = [
        Row(
            language.id,
            name,
            label or "",
            colours[index],
            tuple(
                Near(
                    view.names[other.index],
                    f"{other.distance:.4g}",
                    label is not None and classes[other.index] == label,
                )
                for other in near
            ),
        )
        for index, (language, name, label, near) in enumerate(
            zip(view.languages, view.names, classes, neighbours, strict=True)
        )
    ]
    rows.sort(key=lambda row: (row.label, row.name, row.id))
    return Closeness(view.level, rows, *agreement(neighbours, classes), max(len(row.near) for row in rows))
