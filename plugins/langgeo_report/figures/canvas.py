"""A matplotlib figure whose axes show a `Frame`, one unit of the frame being one point (1/72 inch)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from langgeo_report.classes import Group
from langgeo_report.frame import Frame
from langgeo_report.labels import line_samples, place_labels, text_sizes
from langgeo_report.tree import Edge

Float64 = NDArray[np.float64]

POINTS_PER_INCH = 72.0
MARKERS = ("o", "s", "D", "^", "P")
MARKER_SIZE = 5.0
LEGEND_ROW = 11.0
LEGEND_COLUMNS = 5
AXES_ROOM = 46.0


def framed_axes(frame: Frame, groups: Sequence[Group], *, axes_room: float = 0.0) -> tuple[Figure, Axes]:
    """A figure as large as the frame, the room for axis titles and a legend below."""
    legend_height = LEGEND_ROW * -(-len(groups) // LEGEND_COLUMNS) + 8.0
    width, height = frame.width + axes_room, frame.height + axes_room + legend_height
    figure = Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH))
    below = axes_room + legend_height
    axes = figure.add_axes((axes_room / width, below / height, frame.width / width, frame.height / height))
    axes.set(xlim=frame.x_range, ylim=frame.y_range)
    handles = [_handle(group) for group in groups]
    figure.legend(handles=handles, loc="lower center", ncols=LEGEND_COLUMNS, fontsize=7, handletextpad=0.2)
    return figure, axes


def _handle(group: Group) -> Line2D:
    marker = MARKERS[group.marker]
    return Line2D(
        [], [], color=group.colour, marker=marker, linestyle="", markersize=MARKER_SIZE, label=plain(group.name)
    )


def draw_edges(axes: Axes, points: Float64, edges: Sequence[Edge]) -> None:
    """The tree as thin grey lines."""
    lines = [points[[edge.source, edge.target]] for edge in edges]
    axes.add_collection(LineCollection(lines, colors="0.75", linewidths=0.7, zorder=1), autolim=False)


def draw_points(axes: Axes, points: Float64, groups: Sequence[Group]) -> None:
    """A marker for every language, by group."""
    for group in groups:
        own = points[list(group.members)]
        style: dict[str, Any] = {"marker": MARKERS[group.marker], "s": MARKER_SIZE**2, "color": group.colour}
        axes.scatter(own[:, 0], own[:, 1], edgecolors="white", linewidths=0.4, zorder=2, **style)


def draw_names(axes: Axes, frame: Frame, points: Float64, names: Sequence[str], edges: Sequence[Edge] = ()) -> None:
    """Every name, moved aside and led to its point by a hair line where it would cover another."""
    font_size = name_size(len(names))
    pixels = frame.pixels(points)
    lines = line_samples(pixels[[edge.source for edge in edges]], pixels[[edge.target for edge in edges]])
    marker = MARKER_SIZE / 2
    labels = place_labels(pixels, text_sizes(names, font_size), (frame.width, frame.height), marker, lines)
    leader = {"arrowstyle": "-", "color": "0.6", "linewidth": 0.4, "shrinkA": 0, "shrinkB": marker}
    for name, point, label in zip(names, points.tolist(), labels, strict=True):
        axes.annotate(
            plain(name),
            point,
            xytext=(label.dx, label.dy),
            textcoords="offset points",
            ha=label.anchor,
            va="center_baseline",
            fontsize=font_size,
            arrowprops=leader if label.led else None,
            annotation_clip=False,
            zorder=3,
        )


def name_size(count: int) -> float:
    """A font size in points at which about this many names fit."""
    return float(np.clip(9.5 - count / 25, 4.5, 8.0))


def plain(name: str) -> str:
    """The name so that matplotlib reads no mathematics in it."""
    return name.replace("$", r"\$")
