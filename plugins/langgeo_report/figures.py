"""The exporter of `figures/`: pictures for papers, drawn by matplotlib without pyplot's global state.

One unit of a figure's `Frame` is a point (1/72 inch).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib import rc_context, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from numpy.typing import NDArray
from scipy.cluster.hierarchy import dendrogram

from langgeo_core.api import Run, replacing
from langgeo_report.layout import (
    Frame,
    average_linkage,
    leaf_order,
    line_samples,
    place_labels,
    text_sizes,
    text_width,
    tree_positions,
)
from langgeo_report.neighbours import Edge
from langgeo_report.options import FiguresOptions, Format
from langgeo_report.view import Group, View, land_rings

Float64 = NDArray[np.float64]

WIDTH, HEIGHT, MARGIN = 500.0, 380.0, 26.0
WORLD_WIDTH = 680.0
ROW = 10.0
LEAST, MOST = 150.0, 1000.0
"""The smallest side of a drawing with a row for each language, and the largest of the heat map."""
FONT_SIZE = 6.5
NAME_STEP = 7.0
"""The least height of a row that has a name; of lower rows some have none."""
MOST_NAMED = 150
"""With more languages a map shows only the names that cover no other one."""
LONGEST = 50
MOST_PIXELS = 20e6
"""Of a PNG; a larger one has a lower resolution than the option `dpi` says."""
LINE_COLOUR = "#606060"
TREE_WIDTH = 330.0
TOP = 10.0
POINTS_PER_INCH = 72.0
PAD = 0.06
"""Inches of white around a figure."""
MARKERS = ("o", "s", "D", "^", "P")
MARKER_SIZE = 5.0
LEGEND_ROW = 11.0
LEGEND_COLUMNS = 5
AXES_ROOM = 46.0
# All settings that a user's configuration or the clock could change. Text is drawn as outlines, without fonts, but in
# PDFs, which hold TrueType fonts as journals ask for.
STYLE = {
    **rcParamsDefault,
    "backend": "agg",
    "svg.hashsalt": "langgeo",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.linewidth": 0.6,
    "lines.linewidth": 0.8,
    "axes.edgecolor": "0.4",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.color": "0.3",
    "ytick.color": "0.3",
    "legend.frameon": False,
}
UNDATED: dict[Format, dict[str, str | None]] = {
    "svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None},
}  # fmt: skip


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
    """The minimum spanning tree in its own layout."""
    points = tree_positions(len(view.languages), view.edges)
    frame = Frame.around(points, WIDTH, HEIGHT, MARGIN)
    figure, axes = framed_axes(frame, view.groups())
    axes.set_axis_off()
    draw_edges(axes, points, view.edges)
    draw_points(axes, points, view.groups())
    draw_names(axes, frame, points, view.names, view.edges)
    return figure


def world_figure(view: View) -> Figure:
    """The languages on the world map, without those that have no known coordinates."""
    placed, points = view.placed(), view.places()
    if not placed:
        return Figure(figsize=(4, 2))
    frame = view.earth(WORLD_WIDTH)
    figure, axes = framed_axes(frame, view.groups())
    axes.set_axis_off()
    land = Outline.make_compound_path(*(Outline(np.array(ring), closed=True) for ring in land_rings()))
    axes.add_patch(PathPatch(land, facecolor="0.9", edgecolor="0.75", linewidth=0.3, zorder=0))
    draw_points(axes, points, view.groups())
    draw_names(axes, frame, points[placed], [view.names[index] for index in placed])
    return figure


class Room(NamedTuple):
    """Free space around the axes, in points."""

    left: float
    right: float
    below: float


def heatmap_figure(view: View) -> Figure:
    """All distances in the leaf order of their average-linkage tree; the diagonal and missing pairs are blank."""
    order = leaf_order(view.distances)
    values = view.distances.values[np.ix_(order, order)].copy()
    np.fill_diagonal(values, np.nan)
    side = min(max(LEAST, ROW * len(order)), MOST)
    figure, axes = _sheet(side, side, Room(left=_name_room(view), right=70.0, below=_name_room(view)))
    image = axes.imshow(values, cmap="viridis_r", interpolation="nearest", aspect="auto")
    step = math.ceil(NAME_STEP * len(order) / side)
    places = range(0, len(order), step)
    names = [plain(view.names[order[place]]) for place in places]
    axes.set_xticks(places, names, rotation=90, fontsize=FONT_SIZE)
    axes.set_yticks(places, names, fontsize=FONT_SIZE)
    if step > 1:
        axes.set_title(f"{len(order)} languages, of which one in {step} is named", fontsize=FONT_SIZE)
    axes.tick_params(length=0, colors="black")
    axes.spines[:].set_visible(False)
    beside = axes.inset_axes((1.0 + 15.0 / side, 0.0, 9.0 / side, min(1.0, 150.0 / side)))
    bar = figure.colorbar(image, cax=beside)
    bar.set_label("distance", fontsize=FONT_SIZE)
    bar.ax.tick_params(labelsize=FONT_SIZE)
    return figure


def dendrogram_figure(view: View) -> Figure:
    """The average-linkage tree; the marker at each leaf shows the language's class."""
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
    # scipy draws leaf i at height 10 i + 5.
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
    return 14.0 + max(text_width(plain(name), FONT_SIZE) for name in view.names)


def _sheet(width: float, height: float, room: Room) -> tuple[Figure, Axes]:
    """Axes of the given size in points, surrounded by free space."""
    whole = np.array([width + room.left + room.right, height + room.below + TOP])
    figure = Figure(figsize=tuple(whole / POINTS_PER_INCH))
    axes = figure.add_axes((room.left / whole[0], room.below / whole[1], width / whole[0], height / whole[1]))
    return figure, axes


def framed_axes(frame: Frame, groups: Sequence[Group], *, axes_room: float = 0.0) -> tuple[Figure, Axes]:
    """A figure as large as the frame plus the room for axis titles and, at the bottom, a legend."""
    legend_height = LEGEND_ROW * -(-len(groups) // LEGEND_COLUMNS) + 8.0
    width, height = frame.width + axes_room, frame.height + axes_room + legend_height
    figure = Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH))
    below = axes_room + legend_height
    axes = figure.add_axes((axes_room / width, below / height, frame.width / width, frame.height / height))
    axes.set(xlim=frame.x_range, ylim=frame.y_range)
    style: dict[str, Any] = {"linestyle": "", "markersize": MARKER_SIZE}
    handles = [
        Line2D([], [], color=group.colour, marker=MARKERS[group.marker], label=plain(group.name), **style)
        for group in groups
    ]
    figure.legend(handles=handles, loc="lower center", ncols=LEGEND_COLUMNS, fontsize=7, handletextpad=0.2)
    return figure, axes


def draw_edges(axes: Axes, points: Float64, edges: Sequence[Edge]) -> None:
    """The tree as thin grey lines."""
    lines = [points[[edge.source, edge.target]] for edge in edges]
    axes.add_collection(LineCollection(lines, colors="0.75", linewidths=0.7, zorder=1), autolim=False)


def draw_points(axes: Axes, points: Float64, groups: Sequence[Group]) -> None:
    """A marker for each language, by group."""
    for group in groups:
        own = points[list(group.members)]
        style: dict[str, Any] = {"marker": MARKERS[group.marker], "s": MARKER_SIZE**2, "color": group.colour}
        axes.scatter(own[:, 0], own[:, 1], edgecolors="white", linewidths=0.4, zorder=2, **style)


def draw_names(axes: Axes, frame: Frame, points: Float64, names: Sequence[str], edges: Sequence[Edge] = ()) -> None:
    """Each name, moved away and connected to its point by a thin line if it would cover another name.

    With more than `MOST_NAMED` names those that would still cover another one are left out.
    """
    font_size = name_size(len(names))
    pixels = frame.pixels(points)
    lines = line_samples(pixels[[edge.source for edge in edges]], pixels[[edge.target for edge in edges]])
    marker = MARKER_SIZE / 2
    labels = place_labels(pixels, text_sizes(names, font_size), (frame.width, frame.height), marker, lines)
    crowded = len(names) > MOST_NAMED
    leader = {"arrowstyle": "-", "color": "0.6", "linewidth": 0.4, "shrinkA": 0, "shrinkB": marker}
    for name, point, label in zip(names, points.tolist(), labels, strict=True):
        if crowded and not label.clear:
            continue
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
    """A font size in points at which about `count` names fit."""
    return float(np.clip(9.5 - count / 25, 4.5, 8.0))


def plain(name: str) -> str:
    """The name, at most `LONGEST` characters of it, escaped so that matplotlib does not read it as mathematics."""
    return (name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…").replace("$", r"\$")


FIGURES: dict[str, Callable[[View], Figure]] = {
    "map": map_figure,
    "mst": tree_figure,
    "heatmap": heatmap_figure,
    "dendrogram": dendrogram_figure,
    "world": world_figure,
}


class FiguresExporter:
    """Writes each figure in the chosen formats; the same run gives the same bytes."""

    def __init__(self, options: FiguresOptions) -> None:
        self.options = options

    def export(self, run: Run) -> list[Path]:
        """Write `figures/map`, `mst`, `heatmap`, `dendrogram` and `world`."""
        view = View.of(run, self.options.colour_by, self.options.names)
        folder = run.path / "figures"
        with rc_context(STYLE):
            return [file for name, draw in FIGURES.items() for file in self._saved(draw(view), folder / name)]

    def _saved(self, figure: Figure, stem: Path) -> list[Path]:
        files = {suffix: stem.with_suffix(f".{suffix}") for suffix in UNDATED if suffix in self.options.formats}
        dpi = min(self.options.dpi, math.sqrt(MOST_PIXELS / math.prod(figure.get_size_inches())))
        figure.set_dpi(dpi)
        figure.draw_without_rendering()
        box = figure.get_tightbbox().padded(PAD)  # all that is drawn: titles, numbers and names of any width are whole
        for suffix, file in files.items():
            with replacing(file) as scratch:
                figure.savefig(scratch, dpi=dpi, metadata=UNDATED[suffix], facecolor="white", bbox_inches=box)
        return list(files.values())
