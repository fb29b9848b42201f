"""Where things go: the tree as a drawing, and the order of a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from langgeo_core.api import DistanceMatrix
from langgeo_report.tree import Edge

Float64 = NDArray[np.float64]


def average_linkage(distances: DistanceMatrix) -> Float64:
    """(n - 1, 4) average linkage with optimal leaf order; a missing pair counts as the largest distance."""
    values = distances.values
    filled = np.where(np.isnan(values), np.nanmax(values, initial=0.0), values)
    np.fill_diagonal(filled, 0.0)
    return np.asarray(linkage(squareform(filled), "average", optimal_ordering=True))


def leaf_order(distances: DistanceMatrix) -> list[int]:
    """The languages in the order of the leaves of their average-linkage tree."""
    if len(distances.ids) < 2:
        return list(range(len(distances.ids)))
    return [int(leaf) for leaf in leaves_list(average_linkage(distances))]


def tree_positions(count: int, edges: Sequence[Edge]) -> Float64:
    """(count, 2) Kamada-Kawai layout of the tree, begun from a radial one so that few edges cross.

    Half of a drawn length is the same for all edges: short ones stay visible.
    """
    if count < 2:
        return np.zeros((count, 2))
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    mean = float(np.mean([edge.distance for edge in edges])) if edges else 0.0
    for edge in edges:
        graph.add_edge(edge.source, edge.target, length=1.0 + (edge.distance / mean if mean else 0.0))
    _join_components(graph)
    start = _radial_positions(graph)
    placed = nx.kamada_kawai_layout(graph, pos=start, weight="length")
    return _upright(np.array([placed[node] for node in range(count)]))


def _join_components(graph: nx.Graph) -> None:
    """Hang the parts of a forest side by side, for the drawing only."""
    parts = [min(part) for part in nx.connected_components(graph)]
    graph.add_edges_from(pairwise(parts), length=4.0)


def _radial_positions(graph: nx.Graph) -> dict[int, tuple[float, float]]:
    """Every subtree in a wedge about the centre, as wide as its share of the leaves."""
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


def _upright(points: Float64) -> Float64:
    """The points centred, with their longest extent lying flat, so that the drawing fills a wide page."""
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(centred @ axes.T)
