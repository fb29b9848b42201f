"""Figures in matplotlib of a `LanguageSpace`, which imports this module and is not imported here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_CLASSES = 9
"""Classes with a colour and a mark of their own; the rest are grey."""
MARKS = "osD^vP*Xh"
LABELS = 60
"""Languages up to which points have labels."""


def as_map(space: Any, level: str) -> Figure:
    """The languages as points on two axes of classical scaling."""
    points = space.embedding(2)
    figure, axes = _figure((8, 7))
    classes = [space.labels.get(level, {}).get(one) for one in space.ids]
    common = [name for name, _ in Counter(filter(None, classes)).most_common(MOST_CLASSES)]
    for number, name in enumerate([*common, None]):
        rows = [row for row, one in enumerate(classes) if (one if one in common else None) == name]
        colour = "0.6" if name is None else f"C{number}"
        mark = "." if name is None else MARKS[number]
        axes.scatter(*points[rows].T, c=colour, marker=mark, s=28, label=name or "other", linewidths=0)
    if len(space) <= LABELS:
        for point, name in zip(points, space.names, strict=True):
            axes.annotate(name, point, xytext=(3, 3), textcoords="offset points", fontsize=7)
    axes.legend(title=level, fontsize=8)
    axes.set(title=space.name, xlabel="axis 1", ylabel="axis 2")
    axes.set_aspect("equal", "datalim")
    return figure


def as_heatmap(space: Any, level: str) -> Figure:
    """The distances as a matrix, languages in the order of UPGMA."""
    order = _order(space)
    size = max(5.0, min(30.0, 0.16 * len(space)))
    figure, axes = _figure((size + 1, size))
    shown = axes.imshow(space.distances.values[np.ix_(order, order)], cmap="viridis")
    names = [space.names[row] for row in order]
    axes.set_xticks(range(len(order)), names, rotation=90, fontsize=6)
    axes.set_yticks(range(len(order)), names, fontsize=6)
    figure.colorbar(shown, ax=axes, label="distance", shrink=0.6)
    axes.set_title(space.name)
    return figure


def as_tree(space: Any, level: str) -> Figure:
    """The tree of UPGMA, its leaves coloured by class."""
    from scipy.cluster.hierarchy import dendrogram

    figure, axes = _figure((7, max(3.0, 0.16 * len(space))))
    dendrogram(
        _linkage(space), labels=list(space.names), orientation="left", ax=axes, link_color_func=lambda _: "0.4",
        leaf_font_size=7,
    )  # fmt: skip
    classes = {name: space.labels.get(level, {}).get(one) for name, one in zip(space.names, space.ids, strict=True)}
    common = [name for name, _ in Counter(filter(None, classes.values())).most_common(MOST_CLASSES)]
    for label in axes.get_ymajorticklabels():
        found = classes[label.get_text()]
        label.set_color(f"C{common.index(found)}" if found in common else "0.3")
    axes.set(title=space.name, xlabel="distance")
    return figure


def _figure(size: tuple[float, float]) -> tuple[Figure, Any]:
    """A figure that no window holds, so that it is freed with its last reference."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots()


def _linkage(space: Any) -> Any:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    space.distances.require_complete("the order of UPGMA")
    return linkage(squareform(space.distances.values), "average")


def _order(space: Any) -> list[int]:
    from scipy.cluster.hierarchy import leaves_list

    return [int(row) for row in leaves_list(_linkage(space))]


PLOTS = {"map": as_map, "heatmap": as_heatmap, "tree": as_tree}
