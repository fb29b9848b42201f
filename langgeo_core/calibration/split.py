"""A cell's windows in two disjoint halves, for what the distances owe to the choice of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from langgeo_core.calibration.selection import Selection
from langgeo_core.calibration.windows import Windows
from langgeo_core.plan import PlannedCell


def in_half(selection: Selection, half: int | None) -> Selection:
    """What a cell of one half of the text reads of what the whole cell does; all of it where `half` is None."""
    if half is None or isinstance(selection.windows, int):
        return selection
    return replace(selection, windows=half_of(selection.windows, half))


def with_their_halves(
    cells: Sequence[PlannedCell], chosen: Mapping[PlannedCell, Windows | int], batch: int
) -> list[list[PlannedCell]]:
    """The cells in their order, each whole one followed by the halves that can be summed in its own forward passes.

    These read nothing but windows of the whole, and the whole is one batch: its Gram matrices live one input at a time
    then, and those of the halves beside them cost no memory to speak of. All other cells stand alone.
    """
    halves: dict[tuple[str, str, str], list[PlannedCell]] = {}
    for cell in cells:
        if cell.half is not None:
            halves.setdefault((cell.model, cell.corpus, cell.language), []).append(cell)
    groups: dict[PlannedCell, list[PlannedCell]] = {}
    for cell in cells:
        if cell.half is None:
            own = halves.get((cell.model, cell.corpus, cell.language), [])
            groups[cell] = [cell, *(half for half in own if _within(chosen[half], chosen[cell], batch))]
    taken = {cell for group in groups.values() for cell in group}
    return [groups.get(cell, [cell]) for cell in cells if cell in groups or cell not in taken]


def _within(half: Windows | int, whole: Windows | int, batch: int) -> bool:
    if isinstance(half, int) or isinstance(whole, int):
        return False
    return len(whole.ids) <= batch and set(half.ids) <= set(whole.ids)


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
