"""Which languages are neighbours: the nearest ones of each, and the minimum spanning tree with its exporter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from langgeo_core.api import DistanceMatrix, Run, write_table
from langgeo_formats.api import FormatOptions, labels


@dataclass(frozen=True)
class Neighbour:
    """A neighbouring language, given as its position in the matrix."""

    index: int
    distance: float


def nearest(distances: DistanceMatrix, count: int) -> tuple[tuple[Neighbour, ...], ...]:
    """The `count` nearest neighbours of each language, nearest first, without missing pairs."""
    values = distances.values.copy()
    np.fill_diagonal(values, np.nan)
    order = np.argsort(values, axis=1, kind="stable")[:, :count]
    return tuple(
        tuple(Neighbour(int(other), float(row[other])) for other in others if not np.isnan(row[other]))
        for row, others in zip(values, order, strict=True)
    )


def agreement(neighbours: Sequence[Sequence[Neighbour]], classes: Sequence[str | None]) -> tuple[int, int]:
    """Count the languages whose nearest neighbour has their class, and the languages for which that is possible.

    Languages without a class, and those that are alone in theirs, are not counted.
    """
    able = [index for index, label in enumerate(classes) if label is not None and classes.count(label) > 1]
    firsts = [(index, neighbours[index][0].index) for index in able if neighbours[index]]
    return sum(classes[index] == classes[first] for index, first in firsts), len(firsts)


@dataclass(frozen=True)
class Edge:
    """An edge of the tree, given as two positions in the matrix."""

    source: int
    target: int
    distance: float


def spanning_tree(distances: DistanceMatrix) -> tuple[Edge, ...]:
    """The edges of the minimum spanning tree, shortest first; a forest if missing pairs disconnect it.

    The tree depends only on the order of the distances, so it is computed on their ranks: scipy treats a
    distance of zero as a missing edge, and with ranks ties are always broken the same way.
    """
    rows, columns = np.triu_indices(len(distances.ids), k=1)
    lengths = distances.values[rows, columns]
    known = ~np.isnan(lengths)
    rows, columns, lengths = rows[known], columns[known], lengths[known]
    ranks = np.empty(len(lengths))
    ranks[np.argsort(lengths, kind="stable")] = np.arange(1, len(lengths) + 1)
    shape = distances.values.shape
    tree = minimum_spanning_tree(csr_array((ranks, (rows, columns)), shape=shape)).tocoo()
    edges = sorted(zip(tree.data, tree.row, tree.col, strict=True))
    return tuple(Edge(int(row), int(column), float(distances.values[row, column])) for _, row, column in edges)


class TreeExporter:
    """Writes `mst.csv`: source, target, distance."""

    def __init__(self, options: FormatOptions) -> None:
        self._options = options

    def export(self, run: Run) -> list[Path]:
        """Write the tree of the aggregated distances."""
        names = labels(run.languages, self._options.names)
        file = run.path / "mst.csv"
        columns = ("source", "target", "distance")
        edges = ((names[edge.source], names[edge.target], edge.distance) for edge in spanning_tree(run.distances))
        write_table(file, columns, (dict(zip(columns, edge, strict=True)) for edge in edges))
        return [file]
