"""A matrix as a file holds it, before anybody knows its languages or trusts its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import Float64

MISSING = frozenset({"", "na", "nan", "none", "null", "?", "-", "--", "n/a"})
"""How a missing pair is written, in small letters."""


@dataclass(frozen=True, eq=False)
class RawMatrix:
    """`names` as written, `values` (n, n) with NaN where nothing is written, `name` of one among several."""

    names: tuple[str, ...]
    values: Float64
    name: str = ""


def number(entry: str, place: str) -> float:
    """An entry's value, NaN where it says that there is none; raises UserError naming the place."""
    text = entry.strip()
    if text.lower() in MISSING:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        hint = "write decimals with a point" if "," in text else "a missing pair is an empty entry, NA or NaN"
        raise UserError(f"{place}: {text!r} is not a number", hint) from None


def is_number(text: str) -> bool:
    """Whether a number or a sign of a missing one is written there."""
    try:
        number(text, "")
    except UserError:
        return False
    return True


def square(rows: Sequence[Sequence[float]], place: str) -> Float64:
    """(n, n) from full rows, or from the lower triangle of a matrix with or without its diagonal.

    Raises
    ------
    UserError
        Naming the first row of another length.
    """
    n = len(rows)
    for widths in ([n] * n, range(1, n + 1), range(n)):
        if all(len(row) == width for row, width in zip(rows, widths, strict=True)):
            return _filled(rows)
    odd = next((index for index, row in enumerate(rows) if len(row) != n), 0)
    message = f"{place}: row {odd + 1} has {len(rows[odd])} entries where a square matrix of {n} rows has {n}"
    raise UserError(message, "give a square table, or its lower triangle")


def _filled(rows: Sequence[Sequence[float]]) -> Float64:
    n = len(rows)
    values = np.full((n, n), np.nan)
    for index, row in enumerate(rows):
        values[index, : len(row)] = row
    if n and len(rows[0]) < n:
        values = np.where(np.tri(n, dtype=bool), values, values.T)
        if not rows[0]:
            np.fill_diagonal(values, 0.0)
    return values
