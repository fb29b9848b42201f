"""Figures of points: the map, the tree, the world."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from langgeo_report.arrange import tree_positions
from langgeo_report.figures.canvas import AXES_ROOM, draw_edges, draw_names, draw_points, framed_axes
from langgeo_report.frame import Frame
from langgeo_report.land import land_rings
from langgeo_report.view import View

WIDTH, HEIGHT, MARGIN = 500.0, 380.0, 26.0
WORLD_WIDTH = 680.0


def map_figure(view: View) -> Figure:
    """The first two axes of the embedding, with the tree between neighbours."""
    points = view.plane(2)
    frame = Frame.around(points, WIDTH, HEIGHT, MARGIN)
    figure, axes = framed_axes(frame, view.groups(), axes_room=AXES_ROOM)
    axes.set(xlabel=view.axis_title(1), ylabel=view.axis_title(2))
    draw_edges(axes, points, view.edges)
    draw_points(axes, points, view.groups())
    draw_names(axes, frame, points, view.names, view.edges)
    return figure


def tree_figure(view: View) -> Figure:
    """The minimum spanning tree in a layout of its own."""
    points = tree_positions(len(view.languages), view.edges)
    frame = Frame.around(points, WIDTH, HEIGHT, MARGIN)
    figure, axes = framed_axes(frame, view.groups())
    axes.set_axis_off()
    draw_edges(axes, points, view.edges)
    draw_points(axes, points, view.groups())
    draw_names(axes, frame, points, view.names, view.edges)
    return figure


def world_figure(view: View) -> Figure:
    """The languages on the world map; those whose place is unknown are left out."""
    placed, points = view.placed(), view.places()
    if not placed:
        return Figure(figsize=(4, 2))
    frame = view.earth(WORLD_WIDTH)
    figure, axes = framed_axes(frame, view.groups())
    axes.set_axis_off()
    axes.add_patch(PathPatch(_land(), facecolor="0.9", edgecolor="0.75", linewidth=0.3, zorder=0))
    draw_points(axes, points, view.groups())
    draw_names(axes, frame, points[placed], [view.names[index] for index in placed])
    return figure


def _land() -> Outline:
    return Outline.make_compound_path(*(Outline(np.array(ring), closed=True) for ring in land_rings()))
