"""Which tokens of a text are used, chosen the same way for every language.

Texts are counted in tokens here, and may as well be counted in another unit: see `selection`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Literal

ShortPolicy = Literal["error", "skip", "cycle", "use"]

ENOUGH = 0.75
"""Share of the token budget that `short: use` asks for at least."""


@dataclass(frozen=True)
class Windows:
    """Token ids of each window, without special tokens, in the order in which they are summed."""

    ids: tuple[tuple[int, ...], ...]

    @property
    def tokens(self) -> int:
        return sum(map(len, self.ids))


def union(texts: Sequence[Windows]) -> Windows:
    """All windows of the first, then those of the others that it lacks, each once."""
    first, *others = texts
    there = set(first.ids)
    more = dict.fromkeys(window for other in others for window in other.ids if window not in there)
    return Windows((*first.ids, *more))


def choose_windows(documents: Sequence[Sequence[int]], tokens: int, window: int, seed: int) -> Windows:
    """Up to `tokens` tokens in windows of at most `window`.

    Documents come in a seeded order; every round takes one window from each. A document's windows follow one
    another from a seeded point on, a share of its length that depends on the seed and the document's place
    alone, so that parallel texts start at parallel places. Windows shorter than `window` come last.
    """
    shuffled = random.Random(seed)
    order = shuffled.sample(range(len(documents)), len(documents))
    queues = [_pieces(documents[place], window, shuffled.random()) for place in order]
    full = [[piece for piece in queue if len(piece) == window] for queue in queues]
    rest = [[piece for piece in queue if len(piece) < window] for queue in queues]
    return _cut([*_rounds(full), *_rounds(rest)], tokens)


def one_window_each(documents: Sequence[Sequence[int]], tokens: int, window: int, seed: int) -> Windows:
    """Up to `tokens` tokens in windows of `window`, one from each of the documents that are as long.

    The published sampling (Shamrai & Hamolia 2025; SparseGPT's calibration): documents come in a seeded order, none
    twice, and a window starts at any token, a share of the document's length as in `choose_windows`.
    """
    shuffled = random.Random(seed)
    order = shuffled.sample(range(len(documents)), len(documents))
    starts = [(documents[place], shuffled.random()) for place in order]
    return _cut([_window(document, window, start) for document, start in starts if len(document) >= window], tokens)


def repeat_windows(windows: Windows, tokens: int) -> Windows:
    """The windows over and over until there are `tokens` tokens."""
    endless: Iterator[tuple[int, ...]] = cycle(windows.ids)
    shortest = min(map(len, windows.ids))
    return _cut(list(islice(endless, -(-tokens // shortest))), tokens)


def is_enough(windows: Windows, tokens: int) -> bool:
    """Whether there are at least `ENOUGH` of the tokens asked for."""
    return windows.tokens >= ENOUGH * tokens


def _window(document: Sequence[int], window: int, start: float) -> tuple[int, ...]:
    first = int(start * (len(document) - window + 1))
    return tuple(document[first : first + window])


def _pieces(document: Sequence[int], window: int, start: float) -> list[tuple[int, ...]]:
    pieces = [tuple(document[offset : offset + window]) for offset in range(0, len(document), window)]
    first = int(start * len(pieces))
    return pieces[first:] + pieces[:first]


def _rounds(queues: list[list[tuple[int, ...]]]) -> Iterator[tuple[int, ...]]:
    for depth in range(max(map(len, queues), default=0)):
        for queue in queues:
            if depth < len(queue):
                yield queue[depth]


def _cut(pieces: Sequence[tuple[int, ...]], tokens: int) -> Windows:
    taken: list[tuple[int, ...]] = []
    left = tokens
    for piece in pieces:
        if left <= 0:
            break
        taken.append(piece[:left])
        left -= len(taken[-1])
    return Windows(tuple(taken))
