"""`csv`: a square table with the languages in its header and first column."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from pydantic import Field

from langgeo_core.api import RawMatrix, Run, UserError
from langgeo_formats.entries import DELIMITERS, Float64, header_line, number, number_text, square, table_rows
from langgeo_formats.exporting import Format, FormatOptions


class CsvReader:
    """Reads tables with commas, semicolons or tabs."""

    example = "language,deu,eng,fra\ndeu,0,1,2\neng,1,0,\nfra,2,,0\n"

    def recognises(self, beginning: str) -> float:
        """Likely where the first line holds a delimiter, which lines of other formats may do too."""
        return 0.1 * any(mark in header_line(beginning) for mark in DELIMITERS)

    def read(self, text: str) -> list[RawMatrix]:
        """The matrix of a table.

        The header may lack its first cell, and the columns may be in another order than the rows.

        Raises
        ------
        UserError
            If the table is not square, its header and first column differ, or an entry is not a number.
        """
        header, *rows = [row for _, row in table_rows(text)] or [[]]
        if not rows:
            raise UserError("there are no rows below the header", "give a square table")
        names = tuple(row[0].strip() for row in rows)
        columns = tuple(entry.strip() for entry in (header if len(header) == len(rows) else header[1:]))
        while columns and not columns[-1] and len(columns) > len(rows):
            columns = columns[:-1]
        if set(names) != set(columns) or len(names) != len(columns):
            hint = "the header and the first column must name the same languages"
            raise UserError(_difference(names, columns), hint)
        values = square([_numbers(row, len(names)) for row in rows])
        if names != columns and len(set(names)) == len(names):
            values = values[:, [columns.index(name) for name in names]]
        return [RawMatrix(names, values)]


def _numbers(row: list[str], count: int) -> list[float]:
    """The numbers of a row, without empty entries after the last column."""
    entries = row[1:]
    while len(entries) > count and not entries[-1].strip():
        entries.pop()
    return [number(entry, f"row of {row[0]}") for entry in entries]


def _difference(names: tuple[str, ...], columns: tuple[str, ...]) -> str:
    only_rows = [name for name in names if name not in columns]
    only_columns = [name for name in columns if name not in names]
    parts = [
        f"{', '.join(map(repr, only[:5]))}{' and others' if len(only) > 5 else ''} only in the {where}"
        for only, where in ((only_rows, "first column"), (only_columns, "header"))
        if only
    ]
    return " and ".join(parts) or f"{len(columns)} columns and {len(names)} rows"


def as_csv(labels: Sequence[str], values: Float64) -> str:
    """A header of labels whose first column repeats them; a missing pair is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["language", *labels])
    writer.writerows(
        [label, *(number_text(value, "") for value in row)] for label, row in zip(labels, values, strict=True)
    )
    return out.getvalue()


class CsvOptions(FormatOptions):
    """How the table is written."""

    header: bool = Field(True, description="A first line with the languages; SplitsTree wants none.")


class CsvExporter(Format):
    """`distances.csv`."""

    file = "distances.csv"

    def text(self, run: Run, names: list[str]) -> str:
        text = as_csv(names, run.distances.values)
        options = self._options
        assert isinstance(options, CsvOptions)
        return text if options.header else text.partition("\n")[2]
