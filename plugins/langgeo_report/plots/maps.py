"""The embedding in two and three dimensions, and the languages on the world map."""

from __future__ import annotations

from html import escape

from langgeo_report.frame import Frame
from langgeo_report.land import land_rings
from langgeo_report.plots.marks import (
    HEIGHT,
    MARGIN,
    TOOL_BAR,
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

LAND = "rgba(128,128,128,0.22)"
WORLD_WIDTH = 1040.0


def map_plot(view: View, label_limit: int) -> Plot:
    """The first two axes, with the spanning tree as faint lines."""
    points = view.plane(2)
    frame = Frame.around(points, WIDTH, HEIGHT, MARGIN)
    labels = label_annotations(view.names, points, frame, label_limit, view.edges)
    layout = flat_layout(frame, view.axis_title(1), view.axis_title(2))
    return {
        "data": [edge_trace(points, view.edges), *point_traces(view, points)],
        "layout": layout | {"annotations": labels},
    }


def space_plot(view: View) -> Plot | None:
    """The first three axes, or None where the embedding has fewer."""
    if view.coordinates.shape[1] < 3:
        return None
    points = view.plane(3)
    axes = {
        f"{name}axis": {"title": {"text": view.axis_title(number)}, "showbackground": False, "zeroline": False}
        for number, name in enumerate("xyz", start=1)
    }
    scene = {
        **axes,
        "aspectmode": "data",
        "camera": {"eye": {"x": 1.35, "y": 1.35, "z": 0.65}, "center": {"x": 0, "y": 0, "z": -0.12}},
    }
    layout = {"height": HEIGHT, "margin": {"l": 0, "r": 0, "t": TOOL_BAR, "b": 0}, "scene": scene}
    legend = {"legend": {"itemsizing": "constant", "tracegroupgap": 0}}
    traces = [edge_trace(points, view.edges), _names_in_space(view, points), *point_traces(view, points)]
    return {"data": traces, "layout": layout | legend}


def _names_in_space(view: View, points: Float64) -> Plot:
    """Names to be switched on: nothing keeps them apart while the space turns."""
    return {
        "type": "scatter3d",
        "mode": "text",
        **dict(zip("xyz", points.T.tolist(), strict=True)),
        "text": [escape(name) for name in view.names],
        "textposition": "top center",
        "textfont": {"size": 10},
        "hoverinfo": "skip",
        "showlegend": False,
        "visible": False,
        "meta": {"role": "names"},
    }


def world_plot(view: View, label_limit: int) -> Plot | None:
    """The languages where they are spoken, or None where no place is known."""
    placed = view.placed()
    if not placed:
        return None
    points = view.places()
    frame = view.earth(WORLD_WIDTH)
    labels = label_annotations([view.names[index] for index in placed], points[placed], frame, label_limit)
    layout = without_axes(flat_layout(frame)) | {"annotations": labels, "legend": _legend_below()}
    return {"data": [_land(), _tree_over_land(view, points), *point_traces(view, points, placed)], "layout": layout}


def _tree_over_land(view: View, points: Float64) -> Plot:
    """The tree, to be switched on in the legend: its lines hide more of a map than they tell."""
    known = set(view.placed())
    edges = [edge for edge in view.edges if {edge.source, edge.target} <= known]
    shown = {"name": "tree lines", "showlegend": True, "visible": "legendonly"}
    return edge_trace(points, edges, always=True) | shown


def _legend_below() -> Plot:
    return {"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"}


def _land() -> Plot:
    stops = [stop for ring in land_rings() for stop in (*ring, (None, None))]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [stop[0] for stop in stops],
        "y": [stop[1] for stop in stops],
        "fill": "toself",
        "fillcolor": LAND,
        "line": {"color": LAND, "width": 0.5},
        "hoverinfo": "skip",
        "showlegend": False,
    }
