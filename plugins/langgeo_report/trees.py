"""The trees that the page draws: neighbour joining and average linkage, with the support of their clades.

report.js lays them out, since what is collapsed decides where everything is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import networkx as nx

from langgeo_core.api import DistanceMatrix, Run
from langgeo_report.point_plots import MARKERS, flat_text, hover_texts
from langgeo_report.view import View
from langgeo_statistics.api import neighbour_joining, support, upgma

Json = dict[str, Any]
Nodes = list[list[int]]

TREES: dict[str, tuple[str, Callable[..., Any]]] = {
    "nj": ("neighbour joining", neighbour_joining),
    "upgma": ("average linkage (UPGMA)", upgma),
}


def left_out(run: Run) -> list[DistanceMatrix]:
    """The distances without each replicate of the texts; none for fewer than three replicates."""
    replicates = run.replicates
    count = replicates.count if replicates and replicates.count > 2 else 0
    return [replicates.without(number) for number in range(count)] if replicates else []


def trees(view: View, without: Sequence[DistanceMatrix]) -> Json | None:
    """The trees of the languages that no pair is missing of, or None where these are fewer than three.

    Parameters
    ----------
    without : other distances of the same languages, of whose trees support is a share; those that lack a language or a
        pair are not used
    """
    lacking = view.distances.lacking_pairs()
    kept = [row for row, identifier in enumerate(view.distances.ids) if identifier not in lacking]
    if len(kept) < 3:
        return None
    ids = [view.distances.ids[row] for row in kept]
    place = {row: leaf for leaf, row in enumerate(kept)}
    others = [matrix.subset(ids) for matrix in without if {*ids} <= {*matrix.ids}]
    others = [matrix for matrix in others if matrix.complete]
    notes = hover_texts(view)
    return {
        "names": [flat_text(view.names[row]) for row in kept],
        "notes": [notes[row] for row in kept],
        "levels": {
            level: [
                {
                    "name": flat_text(group.name),
                    "colour": group.colour,
                    "symbol": MARKERS[group.marker],
                    "members": [place[row] for row in group.members if row in place],
                }
                for group in view.groups(level)
            ]
            for level in view.levels
        },
        "trees": {name: _tree(build, view.distances.subset(ids), others) for name, (_, build) in TREES.items()},
        "titles": {name: title for name, (title, _) in TREES.items()},
        "replicates": len(others),
        "leftOut": [flat_text(view.names[row]) for row in range(len(view.names)) if row not in place],
    }


def _tree(build: Callable[..., Any], distances: DistanceMatrix, others: Sequence[DistanceMatrix]) -> Json:
    """Children, edges above and support of each node; the inner nodes follow the leaves, the root is the last."""
    made, count = build(distances.values, distances.ids), len(distances.ids)
    rooted = build is upgma
    shares: Sequence[float | None] = [None] * len(made.children)
    if others:
        shares = support(made, [build(matrix.values, matrix.ids) for matrix in others], rooted)
    graph = nx.Graph()
    for inner, (group, _) in enumerate(zip(made.children, shares, strict=True)):
        for child in group:
            share = shares[child - count] if child >= count else None
            graph.add_edge(count + inner, child, length=max(0.0, made.lengths[child]), share=share)
    root = count + len(made.children) - 1
    return _numbered(graph, root if rooted else _halfway(graph, root), count)


def _halfway(graph: nx.Graph, start: int) -> int:
    """Put a root on the middle of the longest path between two leaves (Farris 1972), and return it."""
    one = _farthest(graph, start)
    lengths, paths = nx.single_source_dijkstra(graph, one, weight="length")
    path = paths[_farthest(graph, one)]
    half = lengths[path[-1]] / 2
    if not half:
        return start
    below, above = next((near, far) for near, far in pairwise(path) if lengths[far] >= half)
    length, share = (graph.edges[below, above][key] for key in ("length", "share"))
    root: int = max(graph) + 1
    graph.remove_edge(below, above)
    graph.add_edge(below, root, length=half - lengths[below], share=share)
    graph.add_edge(root, above, length=max(0.0, length - half + lengths[below]), share=share)
    return root


def _farthest(graph: nx.Graph, start: int) -> int:
    lengths: dict[int, float] = nx.single_source_dijkstra_path_length(graph, start, weight="length")
    return max(sorted(lengths), key=lambda node: lengths[node])


def _numbered(graph: nx.Graph, root: int, count: int) -> Json:
    """The tree below the root, inner nodes numbered so that children come before parents; smaller clades first."""
    below = nx.bfs_tree(graph, root)
    order = [node for node in nx.dfs_postorder_nodes(below, root) if node >= count]
    number = {**{leaf: leaf for leaf in range(count)}, **{node: count + place for place, node in enumerate(order)}}
    sizes = dict.fromkeys(range(count), 1)
    children: Nodes = []
    lengths: dict[int, float] = {number[root]: 0.0}
    shares: dict[int, float | None] = {number[root]: None}
    for node in order:
        group = sorted((number[child] for child in below.successors(node)), key=lambda child: (sizes[child], child))
        sizes[number[node]] = sum(sizes[child] for child in group)
        children.append(group)
        for child in below.successors(node):
            lengths[number[child]] = float(f"{graph.edges[node, child]['length']:.6g}")
            shares[number[child]] = graph.edges[node, child]["share"] if child >= count else None
    nodes = count + len(order)
    return {
        "children": children,
        "lengths": [lengths[node] for node in range(nodes)],
        "support": [shares[node] for node in range(count, nodes)],
    }
