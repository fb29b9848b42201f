"""The tables of a run folder, by the columns, types and meanings in columns.csv; CSV files written and read back.

Stages write these tables, `Run` reads them as typed rows, and docs/reference/run-folder.md prints them.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

from langgeo_core.contract.errors import DamagedFileError, NumericalError, StorageError
from langgeo_core.contract.types import DistanceMatrix
from langgeo_core.system.files import replacing

AGAIN = "it was changed or cut short: start the run again without --from, and it is regenerated from cached results"

Entry = str | int | float | None
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: text, whole numbers or numbers. An empty entry of numbers is None."""

    name: str
    meaning: str
    type: type[str] | type[int] | type[float] = str

    def parse(self, entry: str) -> Entry:
        """The value of an entry; raises ValueError where it is of another type."""
        if self.type is str:
            return entry
        try:
            return self.type(entry) if entry else None
        except ValueError:
            kind = "whole number" if self.type is int else "number"
            raise ValueError(f"{entry!r} in the column {self.name} is not a {kind}") from None


@dataclass(frozen=True)
class Table:
    """A CSV file of a run folder; `open` where a run may add columns of numbers at the end."""

    name: str
    columns: tuple[Column, ...]
    open: bool = False

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def write(self, file: Path, rows: Iterable[Mapping[str, Any]], more: Iterable[str] = ()) -> None:
        """Replace a file by these rows; `more` are the additional columns of a table that is open."""
        write_table(file, (*self.header, *more), rows)

    def read(self, file: Path) -> list[Row]:
        """The rows of a file.

        Raises
        ------
        DamagedFileError
            If the file lacks a column, or an entry is of another type.
        """
        rows = read_table(file)
        with reading(file):
            return [self.parse(row) for row in rows]

    def parse(self, row: Mapping[str, str]) -> Row:
        """A row with its values; raises ValueError where it does not fit."""
        if lacking := [name for name in self.header if name not in row]:
            raise ValueError(f"it lacks the columns {', '.join(lacking)}")
        more = [name for name in row if name not in self.header]
        if more and not self.open:
            raise ValueError(f"it has unknown columns: {', '.join(more)}")
        values = {column.name: column.parse(row[column.name]) for column in self.columns}
        for name in more:  # whole numbers stay whole
            values[name] = Column(name, "", int if row[name].lstrip("-").isdigit() else float).parse(row[name])
        return values


def _tables() -> dict[str, Table]:
    types: dict[str, type[str] | type[int] | type[float]] = {"text": str, "whole number": int, "number": float}
    columns: dict[str, list[Column]] = {}
    with Path(__file__).with_name("columns.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = Column(row["column"], row["meaning"], types[row["type"]])
            columns.setdefault(row["table"], []).append(found)
    return {name: Table(name, tuple(found), open=name == "metrics.csv") for name, found in columns.items()}


TABLES = _tables()
"""Every table with fixed columns, by its name. Matrices have a column for each language, points one for each axis."""
LANGUAGES, CELLS, REPLICATE_CELLS = TABLES["languages.csv"], TABLES["cells.csv"], TABLES["replicates/cells.csv"]
KEPT, CLUSTERS, METRICS = TABLES["kept.csv"], TABLES["clusters.csv"], TABLES["metrics.csv"]
COMPARISONS, K_SWEEP, RELIABILITY = TABLES["comparisons.csv"], TABLES["k_sweep.csv"], TABLES["reliability.csv"]


def write_table(target: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace `target` by a CSV file; None is an empty entry, floats keep all their digits."""
    _write(target, columns, ([_entry(row[column]) for column in columns] for row in rows))


def write_distances(target: Path, matrix: DistanceMatrix) -> None:
    """Write a square table with a header of ids whose first column repeats them; a missing pair is empty."""
    numbers = (["" if value != value else repr(value) for value in row.tolist()] for row in matrix.values)
    lines = ([identifier, *row] for identifier, row in zip(matrix.ids, numbers, strict=True))
    _write(target, ["language", *matrix.ids], lines)


def _write(target: Path, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with replacing(target) as scratch, scratch.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(chain([header], lines))


def read_table(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text.

    Raises
    ------
    DamagedFileError
        If it has no header, or a row that is too short or too long.
    """
    with reading(file):
        header, *rows = _lines(file)
        return [dict(zip(header, row, strict=True)) for row in rows]


def read_distances(file: Path) -> DistanceMatrix:
    """A square CSV with a header of ids, whose first column repeats them; an empty entry is missing.

    Raises
    ------
    DamagedFileError
        If the file is none, or its matrix is no matrix of distances.
    """
    with reading(file):
        lines = _lines(file)
        header = next(lines)  # a row of text takes ten times as much memory as its numbers
        rows = [(row[0], np.array([float(entry or "nan") for entry in row[1:]])) for row in lines]
        if [identifier for identifier, _ in rows] != header[1:]:
            raise ValueError("the first column does not repeat the header's ids")
        return DistanceMatrix(tuple(header[1:]), np.array([values for _, values in rows]))


def remove_stale(folder: Path, patterns: Iterable[str], written: Collection[str]) -> None:
    """Delete the files of these patterns that were not written: an earlier config's would be read as this run's."""
    for pattern in patterns:
        for file in folder.glob(pattern):
            if file.relative_to(folder).as_posix() not in written:
                file.unlink()


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Turn what a damaged file leads to into an error that names it."""
    try:
        yield
    except OSError as failure:
        raise StorageError(f"{file} cannot be read: {failure.strerror or failure}") from failure
    except (ValueError, LookupError, TypeError, AttributeError, csv.Error, SafetensorError, NumericalError) as damage:
        raise DamagedFileError(f"{file} cannot be read: {damage}", AGAIN) from damage


def _lines(file: Path) -> Iterator[list[str]]:
    """The header, and then the rows, which are as long."""
    with file.open(encoding="utf-8", newline="") as handle:
        lines = csv.reader(handle)
        header = next(lines, [])
        if not header:
            raise ValueError("it is empty")
        yield header
        for row in filter(None, lines):
            if len(row) != len(header):
                raise ValueError(f"a row has {len(row)} entries and the header {len(header)}")
            yield row


def _entry(value: Any) -> str:
    if value is None or value != value:  # NaN
        return ""
    return repr(float(value)) if isinstance(value, float | np.floating) else str(value)
