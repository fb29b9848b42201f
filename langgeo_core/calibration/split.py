"""A cell's windows in two disjoint halves, for what the distances owe to the choice of text."""

from __future__ import annotations

from dataclasses import replace

from langgeo_core.calibration.selection import Selection
from langgeo_core.calibration.windows import Windows


def in_half(selection: Selection, half: int | None) -> Selection:
    """What a cell of one half of the text reads of what the whole cell does; all of it where `half` is None."""
    if half is None or isinstance(selection.windows, int):
        return selection
    return replace(selection, windows=half_of(selection.windows, half))


def half_of(windows: Windows, half: int) -> Windows:
    """One of two halves that share no window and differ in length by less than a window.

    Each window goes, in order, to the half that has fewer tokens so far, so that parallel texts are cut in nearly the
    same places. A single window is cut in two; one that repeats an earlier one is left out.

    Parameters
    ----------
    half : 0 or 1
    """
    distinct = _without_repeats(windows.ids)
    if len(distinct) == 1:
        (whole,) = distinct
        distinct = [whole[: -(-len(whole) // 2)], whole[-(-len(whole) // 2) :]]
    taken: tuple[list[tuple[int, ...]], list[tuple[int, ...]]] = ([], [])
    tokens = [0, 0]
    for window in distinct:
        smaller = int(tokens[1] < tokens[0])
        taken[smaller].append(window)
        tokens[smaller] += len(window)
    return Windows(tuple(taken[half]))


def _without_repeats(windows: tuple[tuple[int, ...], ...]) -> list[tuple[int, ...]]:
    """Without those of a short text read over and over, of which the last may have been cut short."""
    kept: list[tuple[int, ...]] = []
    for window in windows:
        if not any(earlier[: len(window)] == window for earlier in kept):
            kept.append(window)
    return kept
