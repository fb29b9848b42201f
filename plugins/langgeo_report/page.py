"""The exporter of `report.html`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from langgeo_core.api import DistanceMatrix, Run, schema, write_text
from langgeo_report.citing import citations
from langgeo_report.layers import layers_plot, networks
from langgeo_report.matrix_plots import BROAD, heatmap_plot, kept_plot, spectrum_plot
from langgeo_report.methods import command, methods
from langgeo_report.neighbours import agreement, nearest
from langgeo_report.options import HtmlOptions
from langgeo_report.point_plots import Plot, map_plot, space_plot, tree_plot, world_plot
from langgeo_report.printing import explanations
from langgeo_report.provenance import provenance
from langgeo_report.reading import excesses_of, metrics_of, of_score_card, rows_of, title_of
from langgeo_report.scores import glance, scorecard, sweep
from langgeo_report.sections import confounds, reliability, tree_fit
from langgeo_report.transfer import transfers
from langgeo_report.trees import left_out, trees
from langgeo_report.verdict import small_print, verdict
from langgeo_report.view import View

MARKS = "●■◆▲✚"
"""The markers of the figures as text."""

# Matrices of which less than this share of weights is kept, or more than 1 minus it, are called saturated.
SATURATED = 0.05


class HtmlExporter:
    """Writes one page that works offline: style, scripts, plotly.js and data are embedded in it."""

    def __init__(self, options: HtmlOptions) -> None:
        self.options = options

    def export(self, run: Run) -> list[Path]:
        """Write `report.html`; the same run gives the same bytes."""
        file = run.path / "report.html"
        write_text(file, page(run, self.options, run.record, left_out(run)))
        return [file]


def page(run: Run, options: HtmlOptions, record: Mapping[str, Any], without: Sequence[DistanceMatrix]) -> str:
    """The text of the page.

    Parameters
    ----------
    record : the run's own, or with more of what its distances were made from
    without : the distances without each replicate of the texts, of whose trees the support of clades is a share
    """
    view = View.of(run, options.colour_by)
    kept = [row for row in rows_of(run, schema.KEPT) if row["kept_mean"] is not None]
    plots = _plots(view, kept, options.label_limit)
    metrics, excesses, roles = metrics_of(run), excesses_of(run), run.baseline_roles
    judged = verdict(run.record, metrics, excesses, roles)
    parts = networks(metrics)
    plots |= {f"layers-{number}": layers_plot(network) for number, network in enumerate(parts, start=1)}
    scores = of_score_card(metrics)
    drawn = trees(view, without)
    rendered: str = _template().render(
        name=title_of(run) if record is run.record else record.get("name"),
        verdict=judged,
        small_print=small_print(judged.evidence),
        view=view,
        glance=glance(scores, roles, *judged.differences(excesses)),
        scorecard=scorecard(scores, roles, excesses),
        explanations=explanations(scores),
        reliability=reliability(run, metrics),
        sweep=sweep(run),
        tree_fit=tree_fit(metrics, run.replicates.count if run.replicates else 0),
        confounds=confounds(metrics),
        networks=parts,
        transfers=transfers(metrics, run.languages, roles),
        plots=plots,
        closeness=closeness(view, options.nearest),
        negative_mass=run.embedding.notes.get("negative_mass"),
        saturated=sum(not SATURATED <= row["kept_mean"] <= 1 - SATURATED for row in kept),
        matrices=len(kept),
        broad=BROAD,
        label_limit=options.label_limit,
        trees=drawn,
        citations=citations(record),
        methods=methods(record, len(run.languages), run, judged.evidence.figures, judged.evidence.drowned),
        command=command(run, record),
        provenance=provenance(record, len(run.languages)),
        tree_data=_embedded(drawn),
        data=_embedded({name: plot for name, plot in plots.items() if plot}),
        plotly_js=Markup(get_plotlyjs()),
    )
    return rendered


@cache
def _template() -> Template:
    """Compiled once: an ablation writes the page of every variant."""
    environment = Environment(
        loader=PackageLoader("langgeo_report", "data"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _plots(view: View, kept: list[dict[str, str]], label_limit: int) -> dict[str, Plot | None]:
    return {
        "map": map_plot(view, label_limit),
        "space": space_plot(view),
        "tree": tree_plot(view, label_limit),
        "world": world_plot(view),
        "heatmap": heatmap_plot(view),
        "spectrum": spectrum_plot(view),
        "kept": kept_plot(kept),
    }


def _embedded(value: Any) -> Markup:
    """JSON for a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
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
    """A printed row: a language and its nearest neighbours; `colour` and `mark` are those of its class."""

    id: str
    name: str
    label: str
    colour: str
    mark: str
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
    groups = {member: group for group in view.groups() for member in group.members}
    rows = [
        Row(
            language.id,
            name,
            label or "",
            groups[index].colour,
            MARKS[groups[index].marker],
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
