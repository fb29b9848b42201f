"""The windows that cells of a part of a text read, for what the distances owe to the choice of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from langgeo_core.calibration.selection import Selection
from langgeo_core.calibration.windows import Windows
from langgeo_core.errors import UserError
from langgeo_core.plan import PlannedCell
from langgeo_core.text_parts import DIVISION_OF, WHOLE, piece_of

Ids = tuple[int, ...]


def in_part(selection: Selection, part: str) -> Selection:
    """What a cell of a part of the text reads of what the whole cell does."""
    if part == WHOLE or isinstance(selection.windows, int):
        return selection
    return replace(selection, windows=part_of(selection.windows, part))


def with_their_parts(
    cells: Sequence[PlannedCell], chosen: Mapping[PlannedCell, Windows | int], batch: int
) -> list[list[PlannedCell]]:
    """The cells in their order, each whole one followed by the parts that can be summed in its own forward passes.

    These read nothing but windows of the whole, and the whole is one batch: its Gram matrices live one input at a time
    then, and those of the parts beside them cost no memory to speak of. All other cells stand alone.
    """
    parts: dict[tuple[str, str, str], list[PlannedCell]] = {}
    for cell in cells:
        if cell.part:
            parts.setdefault((cell.model, cell.corpus, cell.language), []).append(cell)
    groups: dict[PlannedCell, list[PlannedCell]] = {}
    for cell in cells:
        if not cell.part:
            own = parts.get((cell.model, cell.corpus, cell.language), [])
            groups[cell] = [cell, *(part for part in own if _within(chosen[part], chosen[cell], batch))]
    taken = {cell for group in groups.values() for cell in group}
    return [groups.get(cell, [cell]) for cell in cells if cell in groups or cell not in taken]


def _within(part: Windows | int, whole: Windows | int, batch: int) -> bool:
    if isinstance(part, int) or isinstance(whole, int):
        return False
    return len(whole.ids) <= batch and set(part.ids) <= set(whole.ids)


def part_of(windows: Windows, part: str) -> Windows:
    """The windows of one part of a text; those of a text without a block keep their order.

    Raises
    ------
    UserError
        If the text has fewer tokens than there are pieces.
    """
    division, piece = DIVISION_OF[part], piece_of(part)
    dealt = _dealt(windows, division.pieces)
    return Windows(tuple(window for window, owner in dealt if (owner == piece) != division.without))


def _dealt(windows: Windows, pieces: int) -> list[tuple[Ids, int]]:
    """Each window with the piece that it belongs to: pieces share no window, and differ in length by a window at
    most.

    Each window goes, in order, to the piece that has the fewest tokens so far, so that parallel texts are cut in nearly
    the same places. One that repeats an earlier one is left out.
    """
    tokens = [0] * pieces
    dealt: list[tuple[Ids, int]] = []
    for window in _cut(_without_repeats(windows.ids), pieces):
        smallest = tokens.index(min(tokens))
        dealt.append((window, smallest))
        tokens[smallest] += len(window)
    return dealt


def _cut(windows: list[Ids], pieces: int) -> list[Ids]:
    """As many windows as pieces at least: where there are fewer, the first of the longest is cut in two."""
    while len(windows) < pieces:
        place = max(range(len(windows)), key=lambda index: len(windows[index]))
        longest = windows[place]
        if len(longest) < 2:
            message = f"{len(windows)} tokens of a text cannot be cut into {pieces} pieces"
            raise UserError(message, "raise calibration.tokens, or leave `reliability` out")
        middle = -(-len(longest) // 2)
        windows = [*windows[:place], longest[:middle], longest[middle:], *windows[place + 1 :]]
    return windows


def _without_repeats(windows: tuple[Ids, ...]) -> list[Ids]:
    """Without those of a short text read over and over, of which the last may have been cut short."""
    kept: list[Ids] = []
    for window in windows:
        if not any(earlier[: len(window)] == window for earlier in kept):
            kept.append(window)
    return kept
