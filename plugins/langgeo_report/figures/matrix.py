"""Figures of the whole matrix: heat map and dendrogram."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from scipy.cluster.hierarchy import dendrogram

from langgeo_report.arrange import average_linkage, leaf_order
from langgeo_report.figures.canvas import MARKERS, POINTS_PER_INCH, plain
from langgeo_report.labels import text_width
from langgeo_report.view import View

ROW = 10.0
LEAST = 150.0
FONT_SIZE = 6.5
LINE_COLOUR = "#606060"
TREE_WIDTH = 330.0
TOP = 10.0


class Room(NamedTuple):
    """Points left free about the axes."""

    left: float
    right: float
    below: float


def heatmap_figure(view: View) -> Figure:
    """All distances in the order of the average-linkage tree; the diagonal and missing pairs are blank."""
    order = leaf_order(view.distances)
    values = view.distances.values[np.ix_(order, order)].copy()
    np.fill_diagonal(values, np.nan)
    side = max(LEAST, ROW * len(order))
    figure, axes = _sheet(side, side, Room(left=_name_room(view), right=70.0, below=_name_room(view)))
    image = axes.imshow(values, cmap="viridis_r", interpolation="nearest", aspect="auto")
    names = [plain(view.names[index]) for index in order]
    axes.set_xticks(range(len(order)), names, rotation=90, fontsize=FONT_SIZE)
    axes.set_yticks(range(len(order)), names, fontsize=FONT_SIZE)
    axes.tick_params(length=0, colors="black")
    axes.spines[:].set_visible(False)
    beside = axes.inset_axes((1.0 + 15.0 / side, 0.0, 9.0 / side, min(1.0, 150.0 / side)))
    bar = figure.colorbar(image, cax=beside)
    bar.set_label("distance", fontsize=FONT_SIZE)
    bar.ax.tick_params(labelsize=FONT_SIZE)
    return figure


def dendrogram_figure(view: View) -> Figure:
    """The average-linkage tree, with each language's class as a marker at its leaf."""
    count = len(view.languages)
    figure, axes = _sheet(
        TREE_WIDTH, max(LEAST, ROW * count), Room(left=12.0, right=_name_room(view) + 120.0, below=34.0)
    )
    axes.set_xlabel("distance")
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    if count > 1:
        _draw_dendrogram(view, axes)
    return figure


def _draw_dendrogram(view: View, axes: Axes) -> None:
    linkage = average_linkage(view.distances)
    drawn = dendrogram(linkage, no_plot=True)
    branches = [list(zip(*corners, strict=True)) for corners in zip(drawn["dcoord"], drawn["icoord"], strict=True)]
    axes.add_collection(LineCollection(branches, colors=LINE_COLOUR, linewidths=0.8))
    # scipy sets the i-th leaf at 10 i + 5.
    heights = {leaf: 10.0 * place + 5.0 for place, leaf in enumerate(drawn["leaves"])}
    axes.yaxis.tick_right()
    axes.set_yticks(list(heights.values()), [plain(view.names[leaf]) for leaf in heights], fontsize=FONT_SIZE)
    axes.tick_params(axis="y", length=0, pad=6, colors="black")
    axes.set(xlim=((float(linkage[:, 2].max()) or 1.0) * 1.02, 0.0), ylim=(0.0, 10.0 * len(heights)))
    for group in view.groups():
        places = [heights[member] for member in group.members]
        style: dict[str, Any] = {"color": group.colour, "markersize": 4.0, "clip_on": False, "label": plain(group.name)}
        axes.plot([0.0] * len(places), places, MARKERS[group.marker], **style)
    beside = (1.0 + _name_room(view) / TREE_WIDTH, 1.0)
    axes.legend(loc="upper left", bbox_to_anchor=beside, borderaxespad=0.0, fontsize=FONT_SIZE, handletextpad=0.2)


def _name_room(view: View) -> float:
    return 14.0 + max(text_width(name, FONT_SIZE) for name in view.names)


def _sheet(width: float, height: float, room: Room) -> tuple[Figure, Axes]:
    """Axes of the given size in points, with room about them."""
    whole = np.array([width + room.left + room.right, height + room.below + TOP])
    figure = Figure(figsize=tuple(whole / POINTS_PER_INCH))
    axes = figure.add_axes((room.left / whole[0], room.below / whole[1], width / whole[0], height / whole[1]))
    return figure, axes
