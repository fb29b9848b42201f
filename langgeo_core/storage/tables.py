"""The tables of a run folder, written and read back."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

from langgeo_core.contract.errors import DamagedFileError, NumericalError
from langgeo_core.contract.types import DistanceMatrix
from langgeo_core.system.files import replacing

AGAIN = "it was changed or cut short: start the run again without --from, and it is regenerated from cached results"


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


def read_table(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text.

    Raises
    ------
    DamagedFileError
        If it has no header, or a row that is too short or too long.
    """
    with reading(file):
        header, rows = _lines(file)
        return [dict(zip(header, row, strict=True)) for row in rows]


def read_distances(file: Path) -> DistanceMatrix:
    """A square CSV with a header of ids, whose first column repeats them; an empty entry is missing.

    Raises
    ------
    DamagedFileError
        If the file is none, or its matrix is no matrix of distances.
    """
    with reading(file):
        header, rows = _lines(file)
        if [row[0] for row in rows] != header[1:]:
            raise ValueError("the first column does not repeat the header's ids")
        values = np.array([[float(entry or "nan") for entry in row[1:]] for row in rows])
        return DistanceMatrix(tuple(header[1:]), values)


def remove_stale(folder: Path, patterns: Iterable[str], written: Collection[Path]) -> None:
    """Delete the files of these patterns that were not written: an earlier config's would be read as this run's."""
    for pattern in patterns:
        for file in folder.glob(pattern):
            if file not in written:
                file.unlink()


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Turn what a damaged file leads to into an error that names it."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, csv.Error, SafetensorError, NumericalError) as damage:
        raise DamagedFileError(f"{file} cannot be read: {damage}", AGAIN) from damage


def _lines(file: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows, which are as long."""
    with file.open(encoding="utf-8", newline="") as handle:
        header, *rows = list(csv.reader(handle)) or [[]]
    if not header:
        raise ValueError("it is empty")
    rows = [row for row in rows if row]
    uneven = next((row for row in rows if len(row) != len(header)), header)
    if uneven is not header:
        raise ValueError(f"a row has {len(uneven)} entries and the header {len(header)}")
    return header, rows


def _entry(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else repr(float(value))
    return str(value)
