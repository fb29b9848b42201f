"""Where things are drawn: pixels of a window, order of a heat map, positions of a tree, places of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import squareform

from langgeo_core.api import DistanceMatrix
from langgeo_report.neighbours import Edge

Float64 = NDArray[np.float64]

# Placing labels, in at most `SWEEPS` sweeps and `MOVES` looks at a label: most of a thousand find no room anyway.
SWEEPS = 20
MOVES = 4000
DIRECTIONS = 16
GAPS = (2.0, 8.0, 16.0, 28.0, 42.0, 60.0, 80.0, 105.0)
# On a world map a name far from its point would stand in another country.
NEAR = GAPS[:2]
# Labels at least this far from their point (pixels) are connected to it by a line.
LED_FROM = 16.0
LINE_STEP = 6.0
# Costs are summed over squares, so many to a pixel.
FINE = 2
# Cost of a square pixel of overlap, and of a pixel of distance.
OVER_LABEL, OVER_MARKER, OVER_LINE, PER_GAP = 4.0, 3.0, 0.7, 5.0
OUTSIDE = 1000.0


@dataclass(frozen=True)
class Frame:
    """A window of `width` x `height` pixels (or points) on the plane; both axes have the same scale."""

    left: float
    bottom: float
    scale: float
    width: float
    height: float

    @classmethod
    def around(cls, points: Float64, width: float, height: float, margin: float) -> Frame:
        """The window that shows all points, at least `margin` pixels from its border."""
        low, high = (points.min(axis=0), points.max(axis=0)) if len(points) else (np.zeros(2), np.zeros(2))
        room = np.array([width, height]) - 2 * margin
        extent = high - low
        scale = float(min(room[extent > 0] / extent[extent > 0], default=1.0))
        corner = (low + high) / 2 - np.array([width, height]) / scale / 2
        return cls(float(corner[0]), float(corner[1]), scale, width, height)

    @property
    def x_range(self) -> tuple[float, float]:
        """The left and right ends of the window, in data units."""
        return self.left, self.left + self.width / self.scale

    @property
    def y_range(self) -> tuple[float, float]:
        """The lower and upper ends of the window, in data units."""
        return self.bottom, self.bottom + self.height / self.scale

    def pixels(self, points: Float64) -> Float64:
        """(n, 2) points in data units, converted to pixels from the lower left corner."""
        return np.asarray((points - np.array([self.left, self.bottom])) * self.scale)


def average_linkage(distances: DistanceMatrix) -> Float64:
    """(n - 1, 4) average linkage with optimal leaf order; missing pairs get the largest distance."""
    values = distances.values
    filled = np.where(np.isnan(values), np.nanmax(values, initial=0.0), values)
    np.fill_diagonal(filled, 0.0)
    return np.asarray(linkage(squareform(filled), "average", optimal_ordering=True))


def leaf_order(distances: DistanceMatrix) -> list[int]:
    """The positions of the languages in the leaf order of their average-linkage tree."""
    if len(distances.ids) < 2:
        return list(range(len(distances.ids)))
    return [int(leaf) for leaf in leaves_list(average_linkage(distances))]


def tree_positions(count: int, edges: Sequence[Edge]) -> Float64:
    """(count, 2) Kamada-Kawai layout of the tree, started from a radial layout so that few edges cross.

    Drawn edge length: half constant, half proportional to distance, so that short edges stay visible.
    """
    if count < 2:
        return np.zeros((count, 2))
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    mean = float(np.mean([edge.distance for edge in edges])) if edges else 0.0
    for edge in edges:
        graph.add_edge(edge.source, edge.target, length=1.0 + (edge.distance / mean if mean else 0.0))
    # The parts of a forest are drawn side by side.
    parts = [min(part) for part in nx.connected_components(graph)]
    graph.add_edges_from(pairwise(parts), length=4.0)
    start = _radial_positions(graph)
    lengths = shortest_path(nx.to_scipy_sparse_array(graph, range(count), weight="length"), directed=False)
    wanted = {node: dict(enumerate(row)) for node, row in enumerate(lengths.tolist())}
    placed = nx.kamada_kawai_layout(graph, wanted, start)
    points = np.array([placed[node] for node in range(count)])
    # The longest extent is horizontal: the drawing fills a wide page.
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(centred @ axes.T)


def _radial_positions(graph: nx.Graph) -> dict[int, tuple[float, float]]:
    """Every subtree in a wedge around the centre whose angle is proportional to its number of leaves."""
    root = min(nx.center(graph))
    tree = nx.bfs_tree(graph, root)
    leaves = {node: sum(tree.out_degree(below) == 0 for below in (node, *nx.descendants(tree, node))) for node in tree}
    wedges = {root: (0.0, 2 * np.pi)}
    depths = nx.single_source_shortest_path_length(tree, root)
    for node in nx.topological_sort(tree):
        begin, width = wedges[node]
        for child in sorted(tree.successors(node)):
            share = width * leaves[child] / leaves[node]
            wedges[child] = (begin, share)
            begin += share
    angles = {node: begin + width / 2 for node, (begin, width) in wedges.items()}
    return {node: (depths[node] * np.cos(angle), depths[node] * np.sin(angle)) for node, angle in angles.items()}


@dataclass(frozen=True)
class Label:
    """The place of a label.

    Parameters
    ----------
    dx, dy : pixels from the point to the label's anchor, which is at mid height
    anchor : the anchor's edge of the label: `left`, `center` or `right`
    led : whether it is far enough from its point to need a connecting line
    clear : whether it (almost) overlaps no earlier clear label
    """

    dx: float
    dy: float
    anchor: str
    led: bool
    clear: bool


def text_sizes(names: Sequence[str], font_size: float) -> Float64:
    """(n, 2) estimated width and height of each name in a sans-serif font."""
    return np.array([(text_width(name, font_size), 1.25 * font_size) for name in names]).reshape(-1, 2)


def text_width(text: str, font_size: float) -> float:
    """Estimated width of a line of sans-serif text."""
    narrow, wide = sum(text.count(letter) for letter in "fijlrtI .,'()-"), sum(text.count(letter) for letter in "mwMW@")
    capital = sum(letter.isupper() for letter in text)
    return font_size * (0.3 + 0.6 * len(text) - 0.26 * narrow + 0.28 * wide + 0.1 * capital)


def line_samples(starts: Float64, ends: Float64) -> Float64:
    """(m, 2) points along straight lines that labels should avoid."""
    pieces = [
        np.linspace(start, end, max(2, int(np.linalg.norm(end - start) / LINE_STEP)))
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.concatenate(pieces) if pieces else np.empty((0, 2))


def place_labels(
    points: Float64,
    sizes: Float64,
    frame: tuple[float, float],
    marker: float,
    lines: Float64 | None = None,
    gaps: Sequence[float] = GAPS,
) -> list[Label]:
    """Place labels (pixels, y upwards) so that few overlap: each moves in turn to its best place, until none moves.

    Parameters
    ----------
    points : (n, 2) pixels from the lower left corner of the frame
    sizes : (n, 2) width and height of the labels
    frame : width and height of the area that contains the labels
    marker : radius of the points' markers
    lines : (m, 2) points of lines that labels should not cover
    gaps : pixels between a point and its label that are tried
    """
    options = np.array([_candidates(size, marker, gaps) for size in sizes]).reshape(len(points), -1, 2)
    centres = points[:, np.newaxis] + options
    half = np.array(frame) / 2
    reach = sizes[:, np.newaxis] / 2
    outside = np.maximum(0, np.abs(centres - half) + reach - half).sum(axis=2)
    obstacles = Obstacles(frame)
    obstacles.add(points, 2 * marker, OVER_MARKER)
    if lines is not None:
        obstacles.add(lines, LINE_STEP, OVER_LINE)
    covered = obstacles.covered(centres - reach, centres + reach)
    chosen = _settled(centres, sizes, PER_GAP * np.repeat(gaps, DIRECTIONS) + OUTSIDE * outside + covered)
    offsets = options[np.arange(len(points)), chosen]
    led = np.repeat(gaps, DIRECTIONS)[chosen] >= LED_FROM
    labels = []
    clear = _clear(points + offsets, sizes)
    for (dx, dy), (width, _), line, free in zip(offsets.tolist(), sizes.tolist(), led, clear, strict=True):
        # Labels beside their point are anchored at the near edge, where an error in the estimated width does no harm.
        side = 0 if abs(dx) < 0.45 * width else 1 if dx > 0 else -1
        anchor = ("center", "left", "right")[side]
        labels.append(Label(round(dx - side * width / 2, 1), round(dy, 1), anchor, bool(line), bool(free)))
    return labels


class Obstacles:
    """What labels should not cover, as a cost for each whole pixel of the frame; a box's cost is read off four sums."""

    def __init__(self, frame: tuple[float, float]) -> None:
        self._top = np.ceil(FINE * np.array(frame)).astype(int)
        # One more row and column: the changes of cost at each box's corners, summed along both axes, are the cost.
        self._changes = np.zeros(self._top + 1)

    def add(self, centres: Float64, side: float, cost: float) -> None:
        """Squares around (m, 2) centres, at a cost of each square pixel."""
        (left, low), (right, high) = self._whole(centres - side / 2).T, self._whole(centres + side / 2).T
        for x, y, sign in ((left, low, 1), (right, high, 1), (left, high, -1), (right, low, -1)):
            np.add.at(self._changes, (x, y), sign * cost / FINE**2)

    def covered(self, low: Float64, high: Float64) -> Float64:
        """(...,) the cost of boxes from (..., 2) lower left to upper right corners."""
        sums = np.zeros(self._top + 1)
        sums[1:, 1:] = self._changes[:-1, :-1]
        for axis in (0, 1, 0, 1):
            np.cumsum(sums, axis, out=sums)
        (left, below), (right, above) = np.moveaxis(self._whole(low), -1, 0), np.moveaxis(self._whole(high), -1, 0)
        return np.asarray(sums[right, above] - sums[left, above] - sums[right, below] + sums[left, below])

    def _whole(self, places: Float64) -> NDArray[np.int64]:
        return np.clip(np.rint(FINE * places), 0, self._top).astype(np.int64)


def _candidates(size: Float64, marker: float, gaps: Sequence[float]) -> Float64:
    """Offsets of the label's centre, for each gap between marker and label and each direction."""
    angles = np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    # Directions on a square: labels above and below are centred, those at the sides are level with the point.
    square = directions / np.abs(directions).max(axis=1, keepdims=True)
    return np.concatenate([square * size / 2 + directions * (marker + gap) for gap in gaps])


def _settled(places: Float64, sizes: Float64, costs: Float64) -> NDArray[np.int64]:
    """(n,) the option that each label has when no move lowers a cost, or sweeps are used up.

    Parameters
    ----------
    places : (n, options, 2) centres of the labels
    costs : (n, options) of each without the other labels
    """
    everyone = np.arange(len(costs))
    chosen = costs.argmin(axis=1)
    centres = places[everyone, chosen]
    low, high = (places - sizes[:, np.newaxis] / 2).min(axis=1), (places + sizes[:, np.newaxis] / 2).max(axis=1)
    for _ in range(min(SWEEPS, 1 + MOVES // max(len(costs), 1))):
        before = chosen.copy()
        for index, own in enumerate(costs):
            near = ((centres + sizes / 2 > low[index]) & (centres - sizes / 2 < high[index])).all(axis=1)
            near[index] = False
            others, other_sizes = centres[near], sizes[near]
            here = _overlaps(centres[index : index + 1], sizes[index], others, other_sizes).sum()
            # Where nothing is covered an option costs least, so dearer ones than the present one cannot win.
            able = np.flatnonzero(own <= own[chosen[index]] + OVER_LABEL * here)
            overlaps = _overlaps(places[index, able], sizes[index], others, other_sizes).sum(axis=1)
            chosen[index] = able[np.argmin(own[able] + OVER_LABEL * overlaps)]
            centres[index] = places[index, chosen[index]]
        if np.array_equal(before, chosen):
            break
    return np.asarray(chosen, dtype=np.int64)


def _overlaps(centres: Float64, size: Float64, others: Float64, other_sizes: Float64) -> Float64:
    """(candidates, others) areas that boxes around `centres` share with the other boxes."""
    reach, most = (size + other_sizes) / 2, np.minimum(size, other_sizes)
    wide, high = (
        np.clip(reach[:, axis] - np.abs(centres[:, axis, None] - others[:, axis]), 0, most[:, axis]) for axis in (0, 1)
    )
    return np.asarray(wide * high)


def _clear(centres: Float64, sizes: Float64) -> NDArray[np.bool_]:
    clear = np.zeros(len(centres), dtype=bool)
    for index in range(len(centres)):
        overlaps = _overlaps(centres[index : index + 1], sizes[index], centres[clear], sizes[clear])
        clear[index] = not (overlaps > 2.0).any()
    return clear
