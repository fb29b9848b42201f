"""The page's other plots: all distances, eigenvalues, and the kept share of each weight matrix."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_report.layout import leaf_order, text_width
from langgeo_report.point_plots import MARKERS, TOOL_BAR, Plot, flat_text
from langgeo_report.view import COLOURS, MARKERS as MARKER_COUNT, View

Float64 = NDArray[np.float64]

LEAST_SIDE, MOST_SIDE = 420, 1200
BROAD = 60
"""With more rows the section of the heat map is broader than the page."""
ROW = 24
BAR = 40
"""Pixels for the scale of colours, above."""
MOST_ROWS = 1000
"""The most rows and columns that the page holds of a matrix; with more languages an entry is a mean over several."""
BLANK = 65535
PANEL_HEIGHT = 260
COLUMNS = 2
POSITIVE, NEGATIVE = "#0072b2", "#d55e00"


def heatmap_plot(view: View) -> Plot:
    """The matrix in the leaf order of its average-linkage tree; the diagonal and missing pairs are blank.

    Names are written as densely as they fit; pointing at an entry shows those of its languages.
    """
    order = leaf_order(view.distances)
    values = view.distances.values[np.ix_(order, order)].copy()
    np.fill_diagonal(values, np.nan)
    values, starts = in_blocks(values)
    names = [view.names[index] for index in order]
    ends = [*starts[1:], len(names)]
    # An axis has one place for each name, so names must differ.
    names = [
        names[start] if end == start + 1 else f"{names[start]} … {names[end - 1]}"
        for start, end in zip(starts, ends, strict=True)
    ]
    names = names if len(set(names)) == len(names) else [f"{place}. {name}" for place, name in enumerate(names, 1)]
    shown = [flat_text(name) for name in names]
    trace = {
        "type": "heatmap",
        "z": [],
        "meta": in_steps(values),
        "x": shown,
        "y": shown,
        "colorscale": "Viridis",
        "reversescale": True,
        "colorbar": {
            "title": {"text": "distance", "side": "top"},
            "orientation": "h",
            "thickness": 12,
            "len": 0.4,
            "outlinewidth": 0,
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
        },
        "hovertemplate": "%{y} – %{x}: %{z:.4g}<extra></extra>",
        "hoverongaps": False,
    }
    side = min(max(ROW * len(shown), LEAST_SIDE), MOST_SIDE)
    font_size = float(np.clip(0.9 * side / len(shown), 7, 11))
    margin = max(text_width(name, font_size) for name in names) + 8
    axis = {
        "type": "category",
        "tickmode": "auto",
        "nticks": int(side / font_size),
        "automargin": True,
        "tickfont": {"size": font_size},
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }
    layout = {
        "height": side + margin + TOOL_BAR + BAR,
        "margin": {"l": margin, "r": 10, "t": TOOL_BAR + BAR, "b": margin},
        "xaxis": axis | {"tickangle": -90, "constrain": "domain"},
        "yaxis": axis | {"autorange": "reversed", "scaleanchor": "x", "constrain": "domain"},
    }
    return {"data": [trace], "layout": layout}


def in_steps(values: Float64) -> Plot:
    """The (n, n) values in steps of 16 bits between the least and the largest, from which report.js makes `z`.

    The last step is a blank. Half as large as 32-bit numbers, and fine enough for the four digits that are shown.
    """
    known = np.isfinite(values)
    low, high = float(np.min(values[known], initial=np.inf)), float(np.max(values[known], initial=-np.inf))
    low, high = (low, high) if low < high else (low if known.any() else 0.0, (high if known.any() else 0.0) + 1.0)
    steps = np.full(values.shape, BLANK)
    steps[known] = np.rint((values[known] - low) / (high - low) * (BLANK - 1))
    return {"low": low, "high": high, "steps": b64encode(steps.astype("<u2").tobytes()).decode()}


def in_blocks(values: Float64) -> tuple[Float64, list[int]]:
    """The (n, n) values as means over blocks of neighbouring rows and columns, at most `MOST_ROWS`, and their starts.

    A block without any value is NaN.
    """
    starts = list(range(0, len(values), -(-len(values) // MOST_ROWS)))
    known = np.isfinite(values)
    sums, counts = (
        np.add.reduceat(np.add.reduceat(array, starts, axis=0), starts, axis=1)
        for array in (np.where(known, values, 0.0), known.astype(float))
    )
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0), starts


def spectrum_plot(view: View) -> Plot | None:
    """A bar for each eigenvalue, or None if the embedder has none."""
    if not len(view.eigenvalues):
        return None
    numbered = list(enumerate(view.eigenvalues.tolist(), start=1))
    bars = [
        _bars("positive", POSITIVE, [(number, value) for number, value in numbered if value >= 0]),
        _bars("negative", NEGATIVE, [(number, value) for number, value in numbered if value < 0]),
    ]
    layout = {
        "height": 340,
        "margin": {"l": 70, "r": 10, "t": TOOL_BAR, "b": 50},
        "xaxis": {"title": {"text": "eigenvalue, largest first"}, "showgrid": False},
        "yaxis": {"title": {"text": "value"}, "exponentformat": "power"},
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1},
        "bargap": 0.15,
    }
    return {"data": [bar for bar in bars if bar["x"]], "layout": layout}


def _bars(name: str, colour: str, numbered: list[tuple[int, float]]) -> Plot:
    return {
        "type": "bar",
        "name": name,
        "x": [number for number, _ in numbered],
        "y": [value for _, value in numbered],
        "marker": {"color": colour},
        "hovertemplate": "eigenvalue %{x}: %{y:.4g}<extra></extra>",
        "showlegend": True,
    }


def kept_plot(rows: list[dict[str, Any]]) -> Plot | None:
    """The mean kept share by layer, a panel for each model and corpus; None if kept.csv has no rows."""
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
    axes: Plot = {}
    for panel in range(1, len(pairs) + 1):
        axes[f"xaxis{_suffix(panel)}"] = {"title": {"text": "layer", "standoff": 4}, "zeroline": False}
        axes[f"yaxis{_suffix(panel)}"] = {"range": [-0.02, 1.02], "tickformat": ".0%", "zeroline": False}
    return {"data": traces, "layout": layout | axes}


def _line(panel: int, index: int, module: str, rows: list[dict[str, Any]]) -> Plot:
    own = [row for row in rows if row["module"] == module]
    means = [row["kept_mean"] for row in own]
    above = [row["kept_max"] - mean for row, mean in zip(own, means, strict=True)]
    below = [mean - row["kept_min"] for row, mean in zip(own, means, strict=True)]
    colour = COLOURS[index % len(COLOURS)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": flat_text(module),
        "x": [row["layer"] for row in own],
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
        "legendgroup": flat_text(module),
        "showlegend": panel == 1,
        "hovertext": [flat_text(row["matrix"]) for row in own],
        "hovertemplate": "%{hovertext}<br>kept %{y:.1%}<extra></extra>",
    }


def _title(panel: int, model: str, corpus: str) -> Plot:
    place = {"xref": f"x{_suffix(panel)} domain", "yref": f"y{_suffix(panel)} domain", "x": 0, "y": 1.1}
    return {"text": f"<b>{flat_text(model)}</b> · {flat_text(corpus)}", "showarrow": False, "xanchor": "left", **place}


def _suffix(panel: int) -> str:
    return "" if panel == 1 else str(panel)
