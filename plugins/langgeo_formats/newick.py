"""`newick`: the average-linkage tree of the distances."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from langgeo_core.api import Run
from langgeo_formats.entries import Float64
from langgeo_formats.exporting import Format


def quoted(label: str) -> str:
    """A label for NEXUS or Newick: quoted unless it is one plain word, with quotes inside it doubled.

    An underscore outside quotes would be a space.
    """
    return label if re.fullmatch(r"[A-Za-z0-9]+", label) else "'" + label.replace("'", "''") + "'"


def as_newick(labels: Sequence[str], values: Float64, quote: Callable[[str], str] = quoted) -> str:
    """The average-linkage tree (UPGMA) of at least two languages: leaves lie half their distance below their join."""
    from scipy.cluster.hierarchy import linkage  # takes long to import, and readers of languages' names import this
    from scipy.spatial.distance import squareform

    nodes = [(quote(label), 0.0) for label in labels]
    for first, second, distance, _ in linkage(squareform(values, checks=False), method="average"):
        height = float(distance) / 2
        children = (nodes[int(first)], nodes[int(second)])
        nodes.append((f"({','.join(f'{text}:{height - below!r}' for text, below in children)})", height))
    return f"{nodes[-1][0]};\n"


class NewickExporter(Format):
    """`tree.nwk`."""

    file = "tree.nwk"

    def text(self, run: Run, names: list[str]) -> str:
        """Raises NumericalError where a pair is missing."""
        run.distances.require_complete("the exporter newick")
        return as_newick(names, run.distances.values)
