"""The windows that cells of a part of a text read, for what the distances owe to the choice of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from langgeo_core.calibration.selection import Selection
from langgeo_core.calibration.windows import Windows, union
from langgeo_core.contract.errors import UserError
from langgeo_core.planning.plan import PlannedCell
from langgeo_core.planning.replicates import DIVISION_OF, WHOLE, piece_of

Ids = tuple[int, ...]


def in_part(selection: Selection, part: str) -> Selection:
    """What a cell of a part of the text reads of what the whole cell does."""
    if part == WHOLE or isinstance(selection.windows, int):
        return selection
    return replace(selection, windows=part_of(selection.windows, part))


def with_their_parts(
    cells: Sequence[PlannedCell], chosen: Mapping[PlannedCell, Windows | int], batch: int
) -> list[list[PlannedCell]]:
    """The cells in groups that share forward passes, in the order of the first of each.

    A whole text goes with the parts that read nothing but its windows; parts that have to do without it, and share
    windows, go together. Each group is one batch: its Gram matrices live one input at a time then, and those of several
    cells cost no memory to speak of. All other cells stand alone.
    """
    texts: dict[tuple[str, str, str], list[PlannedCell]] = {}
    for cell in cells:
        texts.setdefault((cell.model, cell.corpus, cell.language), []).append(cell)
    groups = {group[0]: group for text in texts.values() for group in _groups(text, chosen, batch)}
    return [groups[cell] for cell in cells if cell in groups]


def _groups(
    text: Sequence[PlannedCell], chosen: Mapping[PlannedCell, Windows | int], batch: int
) -> Iterator[list[PlannedCell]]:
    """Those of one text."""
    whole = [cell for cell in text if not cell.part]
    within = [cell for cell in text if cell.part and whole and _within(chosen[cell], chosen[whole[0]], batch)]
    if whole:
        yield [*whole, *within]
    left = [cell for cell in text if cell.part and cell not in within]
    read = [windows for cell in left if isinstance(windows := chosen[cell], Windows)]
    if len(read) == len(left) > 1 and len(union(read).ids) <= min(batch, sum(len(one.ids) for one in read) - 1):
        yield left
    else:
        yield from ([cell] for cell in left)


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
