"""The minimum spanning tree of the distances."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from langgeo_core.api import DistanceMatrix, Run


@dataclass(frozen=True)
class Edge:
    """A pair of neighbours in the tree, as positions in the matrix."""

    source: int
    target: int
    distance: float


def spanning_tree(distances: DistanceMatrix) -> tuple[Edge, ...]:
    """The edges of the minimum spanning tree, shortest first; a forest where missing pairs cut it apart.

    The tree depends only on the order of the distances, so it is found on their ranks: scipy reads a
    distance of zero as no edge, and ranks also settle ties the same way every time.
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

    def export(self, run: Run) -> list[Path]:
        """Write the tree of the aggregated distances."""
        ids = run.distances.ids
        file = run.path / "mst.csv"
        with file.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(["source", "target", "distance"])
            for edge in spanning_tree(run.distances):
                writer.writerow([ids[edge.source], ids[edge.target], repr(edge.distance)])
        return [file]
