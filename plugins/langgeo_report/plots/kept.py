"""How much of each weight matrix the quantizer kept."""

from __future__ import annotations

from html import escape

from langgeo_report.classes import COLOURS, MARKERS as MARKER_COUNT
from langgeo_report.plots.marks import MARKERS, Plot

PANEL_HEIGHT = 260
COLUMNS = 2


def kept_plot(rows: list[dict[str, str]]) -> Plot | None:
    """The mean kept share by depth, a panel for every model and corpus, or None without rows of kept.csv."""
    if not rows:
        return None
    pairs = list(dict.fromkeys((row["model"], row["corpus"]) for row in rows))
    modules = list(dict.fromkeys(row["module"] for row in rows))
    traces = [
        _line(panel, index, module, [row for row in rows if (row["model"], row["corpus"]) == pair])
        for panel, pair in enumerate(pairs, start=1)
        for index, module in enumerate(modules)
    ]
    columns = min(COLUMNS, len(pairs))
    lines = -(-len(pairs) // columns)
    layout = {
        "height": 110 + PANEL_HEIGHT * lines,
        "margin": {"l": 60, "r": 10, "t": 40, "b": 50},
        "grid": {"rows": lines, "columns": columns, "pattern": "independent", "ygap": 0.3},
        "annotations": [_title(panel, *pair) for panel, pair in enumerate(pairs, start=1)],
        "legend": {"tracegroupgap": 0},
    }
    return {"data": traces, "layout": layout | _axes(len(pairs))}


def _axes(panels: int) -> Plot:
    axes: Plot = {}
    for panel in range(1, panels + 1):
        axes[f"xaxis{_suffix(panel)}"] = {"title": {"text": "layer", "standoff": 4}, "zeroline": False}
        axes[f"yaxis{_suffix(panel)}"] = {"range": [-0.02, 1.02], "tickformat": ".0%", "zeroline": False}
    return axes


def _line(panel: int, index: int, module: str, rows: list[dict[str, str]]) -> Plot:
    own = [row for row in rows if row["module"] == module]
    means = [float(row["kept_mean"]) for row in own]
    above = [float(row["kept_max"]) - mean for row, mean in zip(own, means, strict=True)]
    below = [mean - float(row["kept_min"]) for row, mean in zip(own, means, strict=True)]
    colour = COLOURS[index % len(COLOURS)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": escape(module),
        "x": [int(row["layer"]) for row in own],
        "y": means,
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": above,
            "arrayminus": below,
            "thickness": 1,
            "width": 2,
        },
        "line": {"color": colour, "width": 1.2},
        "marker": {"color": colour, "symbol": MARKERS[index % MARKER_COUNT], "size": 6},
        "xaxis": f"x{_suffix(panel)}",
        "yaxis": f"y{_suffix(panel)}",
        "legendgroup": escape(module),
        "showlegend": panel == 1,
        "hovertext": [escape(row["matrix"]) for row in own],
        "hovertemplate": "%{hovertext}<br>kept %{y:.1%}<extra></extra>",
    }


def _title(panel: int, model: str, corpus: str) -> Plot:
    place = {"xref": f"x{_suffix(panel)} domain", "yref": f"y{_suffix(panel)} domain", "x": 0, "y": 1.1}
    return {"text": f"<b>{escape(model)}</b> · {escape(corpus)}", "showarrow": False, "xanchor": "left", **place}


def _suffix(panel: int) -> str:
    return "" if panel == 1 else str(panel)
