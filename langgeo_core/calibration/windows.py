"""Which tokens of a text are read, chosen the same way for every language.

`tokens` and `window` of the settings count tokens, or characters, bytes or lines, the unit of the settings.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice
from typing import Literal, Protocol

from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.errors import ConfigError, LanggeoError, Problem, UserError
from langgeo_core.planning.addresses import digest
from langgeo_core.planning.plan import Plan, PlannedCell
from langgeo_core.planning.replicates import deal, not_repeated

BYTES_A_TOKEN = 36
"""A number in a tuple, and the place that it has there."""


class RunWindows:
    """The windows that calibration reads of each text, and those of its replicates."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._texts = plan, plan.texts
        self._settings, self._reliability = plan.config.settings.calibration, plan.config.settings.reliability

    def of(self, model: str, corpus: str, language: str) -> Selection:
        """The windows of one text, as a model's tokenizer makes its tokens.

        Raises
        ------
        UserError
            If the text is too short and the policy is not to go on.
        """
        return self._texts.kept.get(
            ("windows", model, corpus, language),
            lambda: self._select(model, corpus, language),
            lambda found: 0 if isinstance(found.windows, int) else BYTES_A_TOKEN * found.windows.tokens,
        )

    def ids(self, model: str, corpus: str, language: str) -> tuple[tuple[int, ...], ...]:
        """The token ids of each window; none where the text is skipped."""
        windows = self.of(model, corpus, language).windows
        return () if isinstance(windows, int) else windows.ids

    def pieces(self, selection: Selection, cells: Sequence[PlannedCell]) -> list[Sequence[int]]:
        """The positions of the windows that each of a text's cells reads.

        Raises
        ------
        UserError
            If the text has fewer windows than there are replicates.
        """
        assert not isinstance(selection.windows, int)
        whole, count = range(len(selection.windows.ids)), self._reliability.replicates
        dealt = deal(selection.fresh, count) if any(cell.replicate is not None for cell in cells) else []
        return [whole if cell.replicate is None else dealt[cell.replicate] for cell in cells]

    def check(self, cells: Iterable[PlannedCell]) -> None:
        """Choose the windows of these cells, and refuse all texts that are too short for them at once.

        Raises
        ------
        ConfigError
            Naming every such text.
        """
        problems: list[Problem] = []
        texts: dict[tuple[str, str, str], list[PlannedCell]] = {}
        for cell in cells:
            texts.setdefault((cell.model, cell.corpus, cell.language), []).append(cell)
        for text, members in texts.items():
            try:
                selection = self.of(*text)
                if not isinstance(selection.windows, int):
                    self.pieces(selection, members)
            except LanggeoError as failure:
                problems.append(Problem(", ".join(text), failure.message, failure.hint))
        if texts and self._reliability.replicates and self._reliability.each == "line":
            problems.extend(self._unequal_lines(dict.fromkeys(corpus for _, corpus, _ in texts)))
        if problems:
            raise ConfigError(problems)

    def _select(self, model: str, corpus: str, language: str) -> Selection:
        documents, encode = self._texts.read(corpus, language).documents, self._texts.tokenizers[model]().encode
        if self._settings.unit == "tokens":
            known = dict(zip(documents, self._texts.tokens(model, corpus, language), strict=True))
            return select(documents, known.__getitem__, self._settings)
        return select(documents, encode, self._settings)

    def _unequal_lines(self, corpora: Iterable[str]) -> Iterable[Problem]:
        """The corpora of which the languages do not all read the same lines."""
        for corpus in corpora:
            read: dict[tuple[tuple[int, ...], ...], list[str]] = {}
            for cell in self._plan.cells:
                if cell.corpus == corpus and cell.key and (lines := self._line_windows(corpus, cell.language)):
                    read.setdefault(lines, []).append(cell.language)
            most = max(read.values(), key=len, default=[])
            if others := sorted({language for group in read.values() if group is not most for language in group}):
                yield Problem(
                    f"corpus {corpus}, languages {', '.join(others)}",
                    "other lines than in the other languages, and `reliability.each: line` needs parallel texts",
                    "leave these languages out, or set reliability.each=window",
                )

    def _line_windows(self, corpus: str, language: str) -> tuple[tuple[int, ...], ...] | None:
        """The numbers of the lines in each window; None where the text is skipped or refused."""
        try:
            found = cell_windows(lines_of(self._texts.read(corpus, language).documents), self._settings)
        except UserError:
            return None
        return None if isinstance(found, int) else found.ids


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


TINY = 16
"""Fewer tokens than this are an error whatever the policy."""

Encode = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class Selection:
    """The windows of a text, or how many tokens it has where it is skipped.

    `available` is in the text's unit. `fresh` are the positions of the windows that repeat no earlier one.
    """

    windows: Windows | int
    available: int
    fresh: tuple[int, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the token ids that are read, window by window; empty where the text is skipped."""
        return "" if isinstance(self.windows, int) else digest(self.windows.ids)


def select(documents: Sequence[str], encode: Encode, settings: CalibrationSettings) -> Selection:
    """What is read of a language's documents.

    `tokens` and `window` of the settings count the unit of the settings. A window of another unit than tokens is
    cut from the text and then tokenized, so that its number of tokens differs from language to language.

    Raises
    ------
    UserError
        If the text is too short and the policy is not to go on.
    """
    unit = _UNITS[settings.unit](encode)
    counted = [unit.split(document) for document in documents]
    available = sum(map(len, counted))
    chosen = cell_windows(counted, settings)
    if isinstance(chosen, int):
        return Selection(sum(len(encode(document)) for document in documents), available)
    windows = Windows(tuple(tuple(unit.tokens(piece)) for piece in chosen.ids))
    if windows.tokens < min(TINY, settings.tokens):
        raise _tiny(windows.tokens, "tokens")
    return Selection(windows, available, not_repeated(chosen.ids))


def cell_windows(documents: Sequence[Sequence[int]], settings: CalibrationSettings) -> Windows | int:
    """The windows of one cell under its short-text policy; how much text there is where it is to be skipped.

    Raises
    ------
    UserError
        If the text is too short and the policy is not to go on.
    """
    choose = one_window_each if settings.sampling == "one-a-document" else choose_windows
    windows = choose(documents, settings.tokens, settings.window, settings.seed)
    if windows.tokens < (min(TINY, settings.tokens) if settings.unit == "tokens" else 1):
        raise _tiny(windows.tokens, _described(settings))
    if windows.tokens == settings.tokens:
        return windows
    if settings.short == "cycle":
        return repeat_windows(windows, settings.tokens)
    if settings.short == "skip":
        return windows.tokens
    if settings.short == "use" and is_enough(windows, settings.tokens):
        return windows
    raise UserError(
        f"the text has {windows.tokens} {_described(settings)}, fewer than the {settings.tokens} asked for",
        "lower calibration.tokens, leave the language out, or set calibration.short to use (three quarters are enough),"
        " skip or cycle",
    )


def is_surely_short(documents: Sequence[str], settings: CalibrationSettings) -> bool:
    """Whether whatever tokenizer finds too little text here for the policy; known without one.

    A tokenizer makes at most a token of each byte in UTF-8, and some put one before each document. (Normalisation can
    write out a rare ligature in more bytes than it had; no language's text consists of these.)
    """
    if settings.short in ("cycle", "skip"):
        return False
    most = sum(one.count("\n") + 1 if settings.unit == "lines" else len(one.encode()) + 1 for one in documents)
    return most < (ENOUGH if settings.short == "use" else 1) * settings.tokens


def _described(settings: CalibrationSettings) -> str:
    one_each = f" in windows of {settings.window}, one a document" if settings.sampling == "one-a-document" else ""
    return f"{settings.unit}{one_each}"


def _tiny(found: int, unit: str) -> UserError:
    return UserError(f"the text has {found} {unit}, fewer than the minimum", "leave the language out")


class _Unit(Protocol):
    """A way to count a text: `split` numbers its parts, `tokens` gives the token ids of some of them."""

    def split(self, document: str) -> Sequence[int]: ...

    def tokens(self, piece: Sequence[int]) -> Sequence[int]: ...


class _Tokens:
    def __init__(self, encode: Encode) -> None:
        self.split = encode

    def tokens(self, piece: Sequence[int]) -> Sequence[int]:
        return piece


class _Characters:
    """Unicode code points."""

    def __init__(self, encode: Encode) -> None:
        self.encode = encode

    def split(self, document: str) -> Sequence[int]:
        return array("L", map(ord, document))

    def tokens(self, piece: Sequence[int]) -> Sequence[int]:
        return self.encode("".join(map(chr, piece)))


class _Bytes:
    """Bytes of UTF-8; of a character that a window cuts apart neither side is read."""

    def __init__(self, encode: Encode) -> None:
        self.encode = encode

    def split(self, document: str) -> Sequence[int]:
        return document.encode()

    def tokens(self, piece: Sequence[int]) -> Sequence[int]:
        return self.encode(bytes(piece).decode(errors="ignore"))


class _Lines:
    """Lines, each by its place among all that were split."""

    def __init__(self, encode: Encode) -> None:
        self.encode = encode
        self.lines: list[str] = []

    def split(self, document: str) -> Sequence[int]:
        first = len(self.lines)
        self.lines.extend(document.split("\n"))
        return range(first, len(self.lines))

    def tokens(self, piece: Sequence[int]) -> Sequence[int]:
        return self.encode("\n".join(self.lines[number] for number in piece))


def lines_of(documents: Sequence[str]) -> list[Sequence[int]]:
    """The numbers of each document's lines, counted over all of them."""
    unit = _Lines(lambda text: ())
    return [unit.split(document) for document in documents]


_UNITS: dict[str, Callable[[Encode], _Unit]] = {
    "tokens": _Tokens,
    "characters": _Characters,
    "bytes": _Bytes,
    "lines": _Lines,
}


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
