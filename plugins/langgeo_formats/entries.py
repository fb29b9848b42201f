"""What the formats share: the rows of a table, how a number is written and read, and a square matrix from rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import UserError

Float64 = NDArray[np.float64]

DELIMITERS = ",;\t"
MISSING = {"", "?", "-", "--", "na", "n/a", "<na>", "#na", "#n/a", "#n/a n/a", "nan", "-nan", "#nan", "none", "null"}
MISSING |= {"1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"}
"""How tables write a missing entry, in small letters: as pandas, R, Excel and C do, or with a mark or nothing."""

_QUOTED = re.compile(r'"[^"]*"')
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?inf(inity)?", re.IGNORECASE | re.ASCII)


def is_missing(entry: str) -> bool:
    """Whether an entry of a table stands for none."""
    return entry.strip().lower() in MISSING


def header_line(text: str) -> str:
    """The first line that is not empty."""
    return next((line for line in text.splitlines() if line.strip()), "")


def table_rows(text: str) -> list[tuple[int, list[str]]]:
    """The rows of a table with commas, semicolons or tabs, whichever its header has most of; empty ones left out.

    Each has the number of its line. Raises UserError where quotes are not closed.
    """
    first = _QUOTED.sub("", header_line(text))
    reader = csv.reader(io.StringIO(text), delimiter=max(DELIMITERS, key=first.count), strict=True)
    try:
        return [(reader.line_num, row) for row in reader if any(entry.strip() for entry in row)]
    except csv.Error as error:
        hint = "close every quote, and put quotes around an entry that holds one, doubled"
        raise UserError(f"line {reader.line_num}: {error}", hint) from error


def number_text(value: float, missing: str) -> str:
    """All digits of a distance; `missing` for NaN."""
    return missing if np.isnan(value) else repr(float(value))


def number(entry: str, place: str) -> float:
    """The value of an entry, NaN for a missing pair; raises UserError that names the place."""
    if _NUMBER.fullmatch(text := entry.strip()):
        return float(text)
    if is_missing(text):
        return float("nan")
    hint = "use a decimal point" if "," in text else "leave a missing pair empty, or write NA or NaN"
    raise UserError(f"{place}: {text[:40]!r} is not a number", hint)


def is_number(text: str) -> bool:
    """Whether an entry is a number or stands for a missing one."""
    try:
        number(text, "")
    except UserError:
        return False
    return True


def square(rows: Sequence[Sequence[float]]) -> Float64:
    """(n, n) from full rows, or from the lower triangle of a matrix with or without its diagonal.

    Raises
    ------
    UserError
        Naming the first row of another length.
    """
    n = len(rows)
    if not any(
        all(len(row) == width for row, width in zip(rows, widths, strict=True))
        for widths in ([n] * n, range(1, n + 1), range(n))
    ):
        odd = next((index for index, row in enumerate(rows) if len(row) != n), 0)
        message = f"row {odd + 1} has {len(rows[odd])} entries where a square matrix of {n} rows has {n}"
        raise UserError(message, "give a square matrix, or its lower triangle")
    values = np.full((n, n), np.nan)
    for index, row in enumerate(rows):
        values[index, : len(row)] = row
    if n and len(rows[0]) < n:
        values = np.where(np.tri(n, dtype=bool), values, values.T)
        if not rows[0]:
            np.fill_diagonal(values, 0.0)
    return values
