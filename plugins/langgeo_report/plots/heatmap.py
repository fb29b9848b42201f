"""All distances at once, like beside like."""

from __future__ import annotations

from html import escape

import numpy as np

from langgeo_report.arrange import leaf_order
from langgeo_report.labels import text_width
from langgeo_report.plots.marks import TOOL_BAR, Plot
from langgeo_report.view import View

LEAST_SIDE, MOST_SIDE = 420, 860
ROW = 24
MOST_MARGIN = 220.0


def heatmap_plot(view: View) -> Plot:
    """The matrix in the order of its average-linkage tree; the diagonal and missing pairs are blank.

    Axes count the languages instead of naming them: two languages may share a name.
    """
    order = leaf_order(view.distances)
    names = [escape(view.names[index]) for index in order]
    values = view.distances.values[np.ix_(order, order)].copy()
    np.fill_diagonal(values, np.nan)
    trace = {
        "type": "heatmap",
        "z": [[None if np.isnan(entry) else float(f"{entry:.6g}") for entry in row] for row in values],
        "colorscale": "Viridis",
        "reversescale": True,
        "colorbar": {"title": {"text": "distance"}, "thickness": 14, "len": 0.6, "outlinewidth": 0},
        "hovertext": [[f"{one} – {other}" for other in names] for one in names],
        "hovertemplate": "%{hovertext}: %{z:.4g}<extra></extra>",
        "hoverongaps": False,
    }
    side = min(max(ROW * len(order), LEAST_SIDE), MOST_SIDE)
    font_size = float(np.clip(0.9 * side / len(order), 7, 11))
    margin = min(max(text_width(view.names[index], font_size) for index in order) + 8, MOST_MARGIN)
    axis = _axis(names, font_size)
    layout = {
        "height": side + margin + TOOL_BAR,
        "margin": {"l": margin, "r": 10, "t": TOOL_BAR, "b": margin},
        "xaxis": axis | {"tickangle": -90, "constrain": "domain"},
        "yaxis": axis | {"autorange": "reversed", "scaleanchor": "x", "constrain": "domain"},
    }
    return {"data": [trace], "layout": layout}


def _axis(names: list[str], font_size: float) -> Plot:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "tickfont": {"size": font_size},
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }
