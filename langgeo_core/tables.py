"""Writing the tables of a run folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from langgeo_core.files import replacing
from langgeo_core.types import DistanceMatrix


def write_table(target: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace `target` by a CSV file; None is an empty entry, floats keep all their digits."""
    with replacing(target) as scratch, scratch.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_entry(row[column]) for column in columns] for row in rows)


def write_distances(target: Path, matrix: DistanceMatrix) -> None:
    """Write a square table with a header of ids whose first column repeats them; a missing pair is empty."""
    rows = (
        {"language": identifier, **dict(zip(matrix.ids, row, strict=True))}
        for identifier, row in zip(matrix.ids, matrix.values, strict=True)
    )
    write_table(target, ["language", *matrix.ids], rows)


def _entry(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else repr(float(value))
    return str(value)
