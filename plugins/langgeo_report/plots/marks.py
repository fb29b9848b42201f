"""Traces and labels that several plots share.

Every trace that depends on the colouring carries `meta.level`, every trace of tree edges `meta.role`, and every
label a `name`: report.js shows and hides them by these.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_report.frame import Frame
from langgeo_report.labels import Label, line_samples, place_labels, text_sizes
from langgeo_report.neighbours import nearest
from langgeo_report.tree import Edge
from langgeo_report.view import View

Float64 = NDArray[np.float64]
Plot = dict[str, Any]

MARKERS = ("circle", "square", "diamond", "triangle-up", "cross")
# plotly.js draws these five in 3-D with glyphs that every system's fonts have; its crosses need more.
MARKERS_3D = ("circle", "square", "diamond", "circle-open", "square-open")
FAINT = "rgba(128,128,128,0.5)"
# In 3-D lines with an alpha channel vanish behind a transparent background.
FAINT_3D = "#9a9a9a"
# Names are placed for a plot of this many pixels, and stay beside their points in any other.
WIDTH, HEIGHT, MARGIN = 880.0, 640.0, 45.0
LABEL_FONT = 11
TOOL_BAR = 34
MARKER_RADIUS = 5.0


def point_traces(view: View, points: Float64, members: Sequence[int] | None = None) -> list[Plot]:
    """A trace for every group of every level, in two or three dimensions; those of one level are visible."""
    shown = set(range(len(points)) if members is None else members)
    notes = hover_texts(view)
    return [
        _group_trace(points, [index for index in group.members if index in shown], notes)
        | {"name": escape(group.name), "marker": _marker(group.colour, group.marker, points.shape[1])}
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
    """What the pointer finds at each language: name, id, family, branch, script, nearest neighbour."""
    names = [escape(name) for name in view.names]
    texts = []
    for index, (language, near) in enumerate(zip(view.languages, nearest(view.distances, 1), strict=True)):
        facts = " · ".join(escape(fact) for fact in (language.family, language.branch, language.script) if fact)
        lines = [f"<b>{names[index]}</b> {escape(language.id)}", facts]
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
    names: Sequence[str], points: Float64, frame: Frame, label_limit: int, edges: Sequence[Edge] = ()
) -> list[Plot]:
    """A name beside every point; beyond `label_limit` of them, those that would overlap others begin hidden."""
    pixels = frame.pixels(points)
    lines = line_samples(pixels[[edge.source for edge in edges]], pixels[[edge.target for edge in edges]])
    sizes = text_sizes(names, LABEL_FONT)
    labels = place_labels(pixels, sizes, (frame.width, frame.height), MARKER_RADIUS, lines)
    return [
        _annotation(name, point, label) | {"visible": label.clear or len(names) <= label_limit}
        for name, point, label in zip(names, points.tolist(), labels, strict=True)
    ]


def _annotation(name: str, point: list[float], label: Label) -> Plot:
    common = {"name": "label", "text": escape(name), "font": {"size": LABEL_FONT}, "borderpad": 0}
    held = {"x": point[0], "y": point[1], "xanchor": label.anchor, "yanchor": "middle"}
    if not label.led:
        return {**common, **held, "showarrow": False, "xshift": label.dx, "yshift": label.dy}
    line = {"arrowhead": 0, "arrowwidth": 0.8, "arrowcolor": FAINT, "standoff": MARKER_RADIUS}
    return {**common, **held, "showarrow": True, "ax": label.dx, "ay": -label.dy, **line}


def flat_layout(frame: Frame, x_title: str = "", y_title: str = "") -> Plot:
    """The layout of a plot whose axes share one scale."""
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
    """The layout with its axes hidden, for drawings whose axes mean nothing."""
    bare = {"visible": False, "showgrid": False}
    margin = {"l": 10, "r": 10, "t": TOOL_BAR, "b": 10}
    return {**layout, "margin": margin, "xaxis": {**layout["xaxis"], **bare}, "yaxis": {**layout["yaxis"], **bare}}
