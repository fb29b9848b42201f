"""From numbers in a square to distances: what rounding does is evened out and told, anything more is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import Float64

ROUNDING = 1e-6
"""Differences up to this share of the largest distance are taken for rounding."""


def as_distances(values: Float64, names: Sequence[str], place: str) -> tuple[Float64, list[str]]:
    """Symmetric, hollow, non-negative (n, n) with NaN for missing pairs, and what was done to get it.

    A language whose every pair is missing may lack its diagonal too. A triangle that is empty is the other's mirror.

    Raises
    ------
    UserError
        Naming the worst pair, if it is infinite, negative, not symmetric or not zero on the diagonal.
    """
    values = np.array(values, dtype=np.float64)
    if np.isnan(values[~np.eye(len(values), dtype=bool)]).all():
        raise UserError(f"{place}: every distance is missing")
    _refuse_infinite(values, names, place)
    slack = ROUNDING * float(np.nanmax(np.abs(values), initial=0.0))
    notes = list(_diagonal(values, names, slack, place))
    notes += _mirrored(values)
    notes += _symmetric(values, names, slack, place)
    notes += _non_negative(values, names, slack, place)
    return values, notes


def _refuse_infinite(values: Float64, names: Sequence[str], place: str) -> None:
    if np.isinf(values).any():
        pair = _pair(np.isinf(values), names)
        raise UserError(f"{place}: the distance of {pair} is infinite", "leave it empty if it is unknown")


def _diagonal(values: Float64, names: Sequence[str], slack: float, place: str) -> Iterator[str]:
    diagonal = np.diagonal(values).copy()
    worst = int(np.argmax(np.nan_to_num(np.abs(diagonal))))
    if abs(np.nan_to_num(diagonal[worst])) > slack:
        alike = np.nanmin(diagonal) > 0 and np.nanmin(diagonal) >= np.nanmax(values) - slack
        hint = "these look like similarities: subtract them from their largest" if alike else ""
        message = f"{place}: the distance of {names[worst]} from itself is {diagonal[worst]:g}, not 0"
        raise UserError(message, hint)
    if (diagonal[~np.isnan(diagonal)] != 0).any():
        yield f"the diagonal was up to {np.nanmax(np.abs(diagonal)):.1e} off 0, taken for rounding"
    np.fill_diagonal(values, 0.0)


def _mirrored(values: Float64) -> Iterator[str]:
    n = len(values)
    upper = np.triu(np.ones((n, n), dtype=bool), 1)
    for mine, name in ((upper, "upper"), (upper.T, "lower")):
        if n > 1 and np.isnan(values[mine]).all() and not np.isnan(values[mine.T]).all():
            values[mine] = values.T[mine]
            yield f"the {name} triangle is empty; it mirrors the other"


def _symmetric(values: Float64, names: Sequence[str], slack: float, place: str) -> Iterator[str]:
    one_sided = np.isnan(values) != np.isnan(values.T)
    if one_sided.any():
        pair = _pair(one_sided, names)
        message = f"{place}: the distance of {pair} is missing one way and present the other"
        raise UserError(message, "give it both ways, or leave it out both ways")
    apart = np.nan_to_num(np.abs(values - values.T))
    worst = float(apart.max(initial=0.0))
    if worst > slack:
        row, column = divmod(int(apart.argmax()), len(apart))
        there, back = values[row, column], values[column, row]
        raise UserError(
            f"{place}: not symmetric: {names[row]} to {names[column]} is {there:.9g}, the other way {back:.9g}",
            "distances are the same both ways: take the mean of the matrix and its mirror, if that is what you mean",
        )
    if worst > 0:
        values[:] = (values + values.T) / 2
        yield f"the matrix was up to {worst:.1e} from symmetric, taken for rounding"


def _non_negative(values: Float64, names: Sequence[str], slack: float, place: str) -> Iterator[str]:
    least = float(np.nanmin(values, initial=0.0))
    if least < -slack:
        pair = _pair(values == least, names)
        raise UserError(f"{place}: the distance of {pair} is {least:g}", "distances are not negative")
    if least < 0:
        values[values < 0] = 0.0
        yield f"distances down to {least:.1e} were taken for rounding of 0"


def _pair(where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], names: Sequence[str]) -> str:
    row, column = np.argwhere(where)[0]
    return f"{names[row]} and {names[column]}"
