"""The exporter of `report.html`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from langgeo_core.api import Run
from langgeo_report.options import HtmlOptions
from langgeo_report.page.closeness import closeness
from langgeo_report.page.confounds import confounds
from langgeo_report.page.excess import excesses_of
from langgeo_report.page.files import metrics_of, rows_of
from langgeo_report.page.glance import glance
from langgeo_report.page.glossary import explanations
from langgeo_report.page.layers import networks
from langgeo_report.page.provenance import provenance
from langgeo_report.page.scorecard import scorecard
from langgeo_report.page.sections import of_score_card
from langgeo_report.page.small_print import small_print
from langgeo_report.page.sureness import sureness
from langgeo_report.page.sweep import sweep
from langgeo_report.page.tree_fit import tree_fit
from langgeo_report.page.verdict import verdict
from langgeo_report.plots.heatmap import heatmap_plot
from langgeo_report.plots.kept import kept_plot
from langgeo_report.plots.layers import layers_plot
from langgeo_report.plots.maps import map_plot, space_plot, world_plot
from langgeo_report.plots.marks import Plot
from langgeo_report.plots.spectrum import spectrum_plot
from langgeo_report.plots.tree import tree_plot
from langgeo_report.view import View

# What a reader of this share of kept weights would call saturated.
SATURATED = 0.05


# Evaluators whose figures have a section of their own.


class HtmlExporter:
    """Writes one page that opens offline: style, script, plotly.js and data are inside it."""

    def __init__(self, options: HtmlOptions) -> None:
        self.options = options

    def export(self, run: Run) -> list[Path]:
        """Write `report.html`; the same run gives the same bytes."""
        file = run.path / "report.html"
        file.write_text(self._page(run), encoding="utf-8")
        return [file]

    def _page(self, run: Run) -> str:
        view = View.of(run, self.options.colour_by)
        kept = [row for row in rows_of(run, "kept.csv") if row["kept_mean"]]  # empty where signatures are not bits
        plots = _plots(view, kept, self.options.label_limit)
        metrics, excesses, roles = metrics_of(run), excesses_of(run), run.baseline_roles
        judged = verdict(run.record, metrics, excesses, roles)
        parts = networks(metrics)
        plots |= {f"layers-{number}": layers_plot(network) for number, network in enumerate(parts, start=1)}
        scores = of_score_card(metrics)
        return (
            _environment()
            .get_template("report.html.j2")
            .render(
                name=run.record.get("name") or run.path.name,
                verdict=judged,
                small_print=small_print(judged.evidence),
                view=view,
                glance=glance(scores, roles, excesses),
                scorecard=scorecard(scores, roles, excesses),
                explanations=explanations(scores),
                sureness=sureness(run, metrics),
                sweep=sweep(run),
                tree_fit=tree_fit(metrics, run.replicates.count if run.replicates else 0),
                confounds=confounds(metrics),
                networks=parts,
                plots=plots,
                closeness=closeness(view, self.options.nearest),
                negative_mass=run.embedding.notes.get("negative_mass"),
                saturated=_saturated(kept),
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


def _saturated(kept: list[dict[str, str]]) -> int:
    return sum(not SATURATED <= float(row["kept_mean"]) <= 1 - SATURATED for row in kept)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("langgeo_report", "data"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _embedded(value: Any) -> Markup:
    """JSON that may stand inside a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
