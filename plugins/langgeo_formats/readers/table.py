"""A table with names in the header and the first column: commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io

from langgeo_core.contract.errors import UserError
from langgeo_formats.readers.raw import RawMatrix, number, square

DELIMITERS = ",;\t"


def looks_like_table(text: str) -> bool:
    """Whether the first line is divided by one of the delimiters."""
    return any(mark in text.partition("\n")[0] for mark in DELIMITERS)


def read_table_layout(text: str, place: str) -> list[RawMatrix]:
    """The matrix of a table whose header may lack its corner, whose columns may stand in another order than the rows.

    Raises
    ------
    UserError
        If it is not square, header and first column do not name the same, or an entry is no number.
    """
    header, *rows = _lines(text)
    names = tuple(row[0].strip() for row in rows)
    columns = tuple(entry.strip() for entry in (header if len(header) == len(rows) else header[1:]))
    while columns and not columns[-1] and len(columns) > len(rows):
        columns = columns[:-1]
    if set(names) != set(columns) or len(names) != len(columns):
        raise UserError(f"{place}: {_difference(names, columns)}", "header and first column name the same languages")
    entries = [_entries(row, len(names), f"{place}, row of {row[0]}") for row in rows]
    values = square(entries, place)
    if names != columns and len(set(names)) == len(names):
        values = values[:, [columns.index(name) for name in names]]
    return [RawMatrix(names, values)]


def _lines(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    lines = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(entry.strip() for entry in row)]
    return lines or [[]]


def _entries(row: list[str], count: int, place: str) -> list[float]:
    """The numbers of a row, less empty entries beyond the last column."""
    entries = row[1:]
    while len(entries) > count and not entries[-1].strip():
        entries.pop()
    return [number(entry, place) for entry in entries]


def _difference(names: tuple[str, ...], columns: tuple[str, ...]) -> str:
    only_rows = [name for name in names if name not in columns]
    only_columns = [name for name in columns if name not in names]
    parts = [
        f"{', '.join(map(repr, only[:5]))}{' and others' if len(only) > 5 else ''} in the {where} alone"
        for only, where in ((only_rows, "first column"), (only_columns, "header"))
        if only
    ]
    return " and ".join(parts) or f"{len(columns)} columns and {len(names)} rows"
