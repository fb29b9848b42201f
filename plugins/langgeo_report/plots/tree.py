"""The minimum spanning tree drawn as a network of its own."""

from __future__ import annotations

from html import escape

import numpy as np

from langgeo_report.arrange import tree_positions
from langgeo_report.frame import Frame
from langgeo_report.plots.marks import (
    HEIGHT,
    MARGIN,
    WIDTH,
    Float64,
    Plot,
    edge_trace,
    flat_layout,
    label_annotations,
    point_traces,
    without_axes,
)
from langgeo_report.view import View


def tree_plot(view: View, label_limit: int) -> Plot:
    """Every language joined to its neighbours in the tree; the middle of an edge tells its distance."""
    points = tree_positions(len(view.languages), view.edges)
    frame = Frame.around(points, WIDTH, HEIGHT, MARGIN)
    labels = label_annotations(view.names, points, frame, label_limit, view.edges)
    traces = [edge_trace(points, view.edges, always=True), _middles(view, points), *point_traces(view, points)]
    return {"data": traces, "layout": without_axes(flat_layout(frame)) | {"annotations": labels}}


def _middles(view: View, points: Float64) -> Plot:
    middles = np.array([(points[edge.source] + points[edge.target]) / 2 for edge in view.edges]).reshape(-1, 2)
    names = [escape(name) for name in view.names]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": middles[:, 0].tolist(),
        "y": middles[:, 1].tolist(),
        "marker": {"size": 8, "opacity": 0},
        "hovertext": [f"{names[edge.source]} – {names[edge.target]}: {edge.distance:.4g}" for edge in view.edges],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }
