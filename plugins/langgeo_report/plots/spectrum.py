"""The eigenvalues behind the map."""

from __future__ import annotations

from langgeo_report.plots.marks import TOOL_BAR, Plot
from langgeo_report.view import View

POSITIVE, NEGATIVE = "#0072b2", "#d55e00"


def spectrum_plot(view: View) -> Plot | None:
    """A bar for every eigenvalue, or None where the embedder has none."""
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
        "xaxis": {"title": {"text": "eigenvalue, in falling order"}, "showgrid": False},
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
