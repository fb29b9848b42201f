"""The page's plots of points: the embedding in two and three dimensions, the spanning tree, the world map.

Plots are plain plotly.js dictionaries; building them imports no plotly. A trace that depends on the colouring has
`meta.level`, a trace of tree edges `meta.role`, and a label a `name`: report.js shows and hides them by these.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_report.layout import GAPS, NEAR, Frame, Label, line_samples, place_labels, text_sizes, tree_positions
from langgeo_report.neighbours import Edge, nearest
from langgeo_report.view import View, land_rings

Float64 = NDArray[np.float64]
Plot = dict[str, Any]

MARKERS = ("circle", "square", "diamond", "triangle-up", "cross")
# plotly.js draws these five in 3-D with glyphs that every system's fonts have; its crosses need special fonts.
MARKERS_3D = ("circle", "square", "diamond", "circle-open", "square-open")
FAINT = "rgba(128,128,128,0.5)"
# In 3-D, lines with an alpha channel are invisible on a transparent background.
FAINT_3D = "#9a9a9a"
# Label places are computed for a plot of this size in pixels; at other sizes labels stay beside their points.
WIDTH, HEIGHT, MARGIN = 880.0, 640.0, 45.0
LABEL_FONT = 11
TOOL_BAR = 34
FEW = 20
"""Up to this many languages have their names in the plot of three axes from the start."""
MARKER_RADIUS = 5.0
LAND = "rgba(128,128,128,0.22)"
WORLD_WIDTH = 1040.0


def flat_text(words: str) -> str:
    """Words for a flat plot, where plotly.js reads a few tags and entities; quotes are nothing special there."""
    return escape(words, quote=False)


def text_3d(words: str) -> str:
    """Words for a plot in three dimensions, where plotly.js reads tags and no entities: no tag may begin."""
    return words.replace("<", "‹").replace(">", "›")


def map_plot(view: View, label_limit: int) -> Plot:
    """The first two axes of the embedding, with the spanning tree as thin lines."""
    points = view.plane(2)
    frame = Frame.around(points, WIDTH, HEIGHT, MARGIN)
    labels = label_annotations(view.names, points, frame, label_limit, view.edges)
    layout = flat_layout(frame, view.axis_title(1), view.axis_title(2))
    return {
        "data": [edge_trace(points, view.edges), *point_traces(view, points)],
        "layout": layout | {"annotations": labels},
    }


def space_plot(view: View) -> Plot | None:
    """The first three axes of the embedding, or None if it has fewer."""
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
        "camera": {"eye": {"x": 1.65, "y": 1.65, "z": 0.8}, "center": {"x": 0, "y": 0, "z": -0.12}},
    }
    layout = {"height": HEIGHT, "margin": {"l": 0, "r": 0, "t": TOOL_BAR, "b": 0}, "scene": scene}
    legend = {"legend": {"itemsizing": "constant", "tracegroupgap": 0}}
    # In a rotating plot nothing keeps names apart, so those of many languages are hidden until they are switched on.
    names = {
        "type": "scatter3d",
        "mode": "text",
        **dict(zip("xyz", points.T.tolist(), strict=True)),
        "text": [text_3d(name) for name in view.names],
        "textposition": "top center",
        "textfont": {"size": 10},
        "hoverinfo": "skip",
        "showlegend": False,
        "visible": len(view.names) <= FEW,
        "meta": {"role": "names"},
    }
    traces = [edge_trace(points, view.edges), names, *point_traces(view, points)]
    return {"data": traces, "layout": layout | legend}


def world_plot(view: View) -> Plot | None:
    """The languages at their coordinates, or None if no coordinates are known."""
    placed = view.placed()
    if not placed:
        return None
    points = view.places()
    frame = view.earth(WORLD_WIDTH)
    named = [view.names[index] for index in placed]
    labels = label_annotations(named, points[placed], frame, 0, gaps=NEAR)
    legend = {"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"}
    layout = without_axes(flat_layout(frame)) | {"annotations": labels, "legend": legend}
    # The tree is hidden until it is switched on in the legend: its lines would cover much of the map.
    edges = [edge for edge in view.edges if {edge.source, edge.target} <= set(placed)]
    tree = edge_trace(points, edges, always=True) | {"name": "tree lines", "showlegend": True, "visible": "legendonly"}
    return {"data": [_land(), tree, *point_traces(view, points, placed)], "layout": layout}


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


def tree_plot(view: View, label_limit: int) -> Plot:
    """The spanning tree in its own layout; the middle of an edge shows its distance on hover."""
    points = tree_positions(len(view.languages), view.edges)
    frame = Frame.around(points, WIDTH, HEIGHT, MARGIN)
    labels = label_annotations(view.names, points, frame, label_limit, view.edges)
    traces = [edge_trace(points, view.edges, always=True), _middles(view, points), *point_traces(view, points)]
    return {"data": traces, "layout": without_axes(flat_layout(frame)) | {"annotations": labels}}


def _middles(view: View, points: Float64) -> Plot:
    middles = np.array([(points[edge.source] + points[edge.target]) / 2 for edge in view.edges]).reshape(-1, 2)
    names = [flat_text(name) for name in view.names]
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


def point_traces(view: View, points: Float64, members: Sequence[int] | None = None) -> list[Plot]:
    """A trace for each group of each level, in two or three dimensions; only those of one level are visible."""
    shown = set(range(len(points)) if members is None else members)
    notes = hover_texts(view)
    return [
        _group_trace(points, [index for index in group.members if index in shown], notes)
        | {"name": flat_text(group.name), "marker": _marker(group.colour, group.marker, points.shape[1])}
        | {"meta": {"level": level}, "visible": level == view.level}
        for level in view.levels
        for group in view.groups(level)
    ]


def _group_trace(points: Float64, members: list[int], notes: list[str]) -> Plot:
    flat = points.shape[1] == 2
    axes = dict(zip("xyz", points[members].T.tolist(), strict=False))
    text = {"hovertext": [notes[index] for index in members], "hovertemplate": "%{hovertext}<extra></extra>"}
    return {"type": "scatter" if flat else "scatter3d", "mode": "markers", **axes, **text}


def _marker(colour: str, number: int, dimensions: int) -> Plot:
    if dimensions == 2:
        outline = {"color": "rgba(255,255,255,0.85)", "width": 1}
        return {"color": colour, "symbol": MARKERS[number], "size": 2 * MARKER_RADIUS, "line": outline}
    return {"color": colour, "symbol": MARKERS_3D[number], "size": 5}


def hover_texts(view: View) -> list[str]:
    """The hover text of each language: name, id, family, branch, script, nearest neighbour."""
    names = [flat_text(name) for name in view.names]
    texts = []
    for index, (language, near) in enumerate(zip(view.languages, nearest(view.distances, 1), strict=True)):
        facts = " · ".join(flat_text(fact) for fact in (language.family, language.branch, language.script) if fact)
        lines = [f"<b>{names[index]}</b> {flat_text(language.id)}", facts]
        lines += [f"nearest: {names[other.index]} ({other.distance:.4g})" for other in near]
        texts.append("<br>".join(filter(None, lines)))
    return texts


def edge_trace(points: Float64, edges: Sequence[Edge], *, always: bool = False) -> Plot:
    """The tree's edges as one line trace, in two or three dimensions."""
    gap = [None] * points.shape[1]
    stops = [stop for edge in edges for stop in (points[edge.source].tolist(), points[edge.target].tolist(), gap)]
    axes = {name: [stop[axis] for stop in stops] for axis, name in enumerate("xyz"[: points.shape[1]])}
    return {
        "type": "scatter" if points.shape[1] == 2 else "scatter3d",
        "mode": "lines",
        **axes,
        "line": {"color": FAINT, "width": 1.2} if points.shape[1] == 2 else {"color": FAINT_3D, "width": 2},
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {} if always else {"role": "tree"},
    }


def label_annotations(
    names: Sequence[str],
    points: Float64,
    frame: Frame,
    label_limit: int,
    edges: Sequence[Edge] = (),
    gaps: Sequence[float] = GAPS,
) -> list[Plot]:
    """A name beside each point; with more than `label_limit` names, overlapping ones are hidden at first."""
    pixels = frame.pixels(points)
    lines = line_samples(pixels[[edge.source for edge in edges]], pixels[[edge.target for edge in edges]])
    sizes = text_sizes(names, LABEL_FONT)
    labels = place_labels(pixels, sizes, (frame.width, frame.height), MARKER_RADIUS, lines, gaps)
    return [
        _annotation(name, point, label) | {"visible": label.clear or len(names) <= label_limit}
        for name, point, label in zip(names, points.tolist(), labels, strict=True)
    ]


def _annotation(name: str, point: list[float], label: Label) -> Plot:
    common = {"name": "label", "text": flat_text(name), "font": {"size": LABEL_FONT}, "borderpad": 0}
    held = {"x": point[0], "y": point[1], "xanchor": label.anchor, "yanchor": "middle"}
    if not label.led:
        return {**common, **held, "showarrow": False, "xshift": label.dx, "yshift": label.dy}
    line = {"arrowhead": 0, "arrowwidth": 0.8, "arrowcolor": FAINT, "standoff": MARKER_RADIUS}
    return {**common, **held, "showarrow": True, "ax": label.dx, "ay": -label.dy, **line}


def flat_layout(frame: Frame, x_title: str = "", y_title: str = "") -> Plot:
    """The layout of a plot with the same scale on both axes."""
    return {
        "height": frame.height + TOOL_BAR + 50,
        "margin": {"l": 50, "r": 10, "t": TOOL_BAR, "b": 50},
        "xaxis": {"title": {"text": x_title}, "range": frame.x_range, "zeroline": False},
        "yaxis": {"title": {"text": y_title}, "range": frame.y_range, "zeroline": False, "scaleanchor": "x"},
        "legend": {"itemsizing": "constant", "tracegroupgap": 0},
        "hovermode": "closest",
        "dragmode": "pan",
    }


def without_axes(layout: Plot) -> Plot:
    """The layout with hidden axes, for drawings in which axes have no meaning."""
    bare = {"visible": False, "showgrid": False}
    margin = {"l": 10, "r": 10, "t": TOOL_BAR, "b": 10}
    return {**layout, "margin": margin, "xaxis": {**layout["xaxis"], **bare}, "yaxis": {**layout["yaxis"], **bare}}
