"""What the formats share: how a number is written and read, and a square matrix from the rows of a file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import UserError

Float64 = NDArray[np.float64]

MISSING = frozenset({"", "na", "nan", "none", "null", "?", "-", "--", "n/a"})
"""How files write a missing pair, in lower case."""


def number_text(value: float, missing: str) -> str:
    """All digits of a distance; `missing` for NaN."""
    return missing if np.isnan(value) else repr(float(value))


def number(entry: str, place: str) -> float:
    """The value of an entry, NaN for a missing pair; raises UserError that names the place."""
    text = entry.strip()
    if text.lower() in MISSING:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        hint = "use a decimal point" if "," in text else "leave a missing pair empty, or write NA or NaN"
        raise UserError(f"{place}: {text!r} is not a number", hint) from None


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
