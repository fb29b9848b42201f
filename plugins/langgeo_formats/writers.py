"""Texts of matrices and trees in the formats of other programs: pure functions of labels and numbers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

Float64 = NDArray[np.float64]


def number(value: float, missing: str) -> str:
    """All digits of a distance, or the sign of a missing one."""
    return missing if np.isnan(value) else repr(float(value))


def as_csv(labels: Sequence[str], values: Float64) -> str:
    """A header of labels whose first column repeats them; a missing pair is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["language", *labels])
    writer.writerows([label, *(number(value, "") for value in row)] for label, row in zip(labels, values, strict=True))
    return out.getvalue()


def as_phylip(labels: Sequence[str], values: Float64) -> str:
    """The number of languages, then a row for each; spaces in labels become underscores, a missing pair is NaN."""
    rows = [
        " ".join([_one_word(label), *(number(value, "NaN") for value in row)])
        for label, row in zip(labels, values, strict=True)
    ]
    return "\n".join([str(len(labels)), *rows]) + "\n"


def _one_word(label: str) -> str:
    return re.sub(r"\s+", "_", label)


def as_nexus(labels: Sequence[str], values: Float64) -> str:
    """A TAXA block and the lower triangle in a DISTANCES block; a missing pair is a question mark."""
    words = [quoted(label) for label in labels]
    rows = [
        " ".join([label, *(number(value, "?") for value in row[: index + 1])])
        for index, (label, row) in enumerate(zip(words, values, strict=True))
    ]
    lines = [
        "#NEXUS",
        "BEGIN TAXA;",
        f"  DIMENSIONS NTAX={len(labels)};",
        f"  TAXLABELS {' '.join(words)};",
        "END;",
        "BEGIN DISTANCES;",
        f"  DIMENSIONS NTAX={len(labels)};",
        "  FORMAT TRIANGLE=LOWER DIAGONAL LABELS MISSING=?;",
        "  MATRIX",
        *(f"    {row}" for row in rows),
        "  ;",
        "END;",
    ]
    return "\n".join(lines) + "\n"


def quoted(label: str) -> str:
    """A word as it stands; anything else in quotes, which both NEXUS and Newick double within."""
    return label if re.fullmatch(r"[A-Za-z0-9_]+", label) else "'" + label.replace("'", "''") + "'"


def as_json(labels: Sequence[str], average: Float64, matrices: Mapping[str, Float64]) -> str:
    """`languages_list`, `average_distances_matrix` and `distances_matrices` by name; a missing pair is null."""
    data = {
        "languages_list": list(labels),
        "average_distances_matrix": _nulls(average),
        "distances_matrices": {name: _nulls(values) for name, values in matrices.items()},
    }
    return json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n"


def _nulls(values: Float64) -> list[list[float | None]]:
    return [[None if np.isnan(value) else float(value) for value in row] for row in values]


def as_newick(labels: Sequence[str], values: Float64) -> str:
    """The average-linkage tree (UPGMA) of at least two languages: leaves lie half their distance below their join."""
    nodes = [(quoted(label), 0.0) for label in labels]
    for first, second, apart, _ in linkage(squareform(values, checks=False), method="average"):
        height = float(apart) / 2
        children = (nodes[int(first)], nodes[int(second)])
        nodes.append((f"({','.join(f'{text}:{height - below!r}' for text, below in children)})", height))
    return f"{nodes[-1][0]};\n"
