"""Replicates: disjoint pieces of each language's text, equal in windows, by which the distances are measured again."""

from __future__ import annotations

from collections.abc import Sequence

from langgeo_core.contract.errors import UserError


def not_repeated(windows: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The positions of the windows that do not repeat an earlier one.

    A short text that is read over and over repeats its windows; the last of them may have been cut short.

    Examples
    --------
    >>> not_repeated([(1, 2), (3, 4), (1, 2), (3,)])
    (0, 1)
    """
    begins: dict[int, list[Sequence[int]]] = {}
    kept = []
    for place, window in enumerate(windows):
        earlier = begins.setdefault(window[0] if window else -1, [])
        if not any(one[: len(window)] == window for one in earlier):
            earlier.append(window)
            kept.append(place)
    return tuple(kept)


def deal(windows: Sequence[int], replicates: int) -> list[tuple[int, ...]]:
    """The windows of each replicate: window i goes to replicate i mod R, the last n mod R windows to none.

    Raises
    ------
    UserError
        If there are fewer windows than replicates.

    Examples
    --------
    >>> deal([0, 1, 2, 3, 4], 2)
    [(0, 2), (1, 3)]
    """
    if len(windows) < replicates:
        counted = "1 window" if len(windows) == 1 else f"{len(windows)} windows"
        raise UserError(
            f"the text has {counted}, fewer than the {replicates} replicates asked for",
            "lower reliability.replicates or calibration.window, raise calibration.tokens, or leave the language out",
        )
    dealt = len(windows) // replicates * replicates
    return [tuple(windows[first:dealt:replicates]) for first in range(replicates)]
