"""A cell's share of a text: so many tokens of it, or characters, bytes or lines, cut into windows of tokens."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from langgeo_core.calibration.windows import ENOUGH, Windows, choose_windows, is_enough, one_window_each, repeat_windows
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.errors import UserError
from langgeo_core.planning.addresses import digest

TINY = 16
"""Fewer tokens than this are an error whatever the policy."""

Encode = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class Selection:
    """The windows of a cell, or how many tokens its text has where it is skipped; `available` is in the text's unit."""

    windows: Windows | int
    available: int

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the token ids that are read, window by window; empty where the cell is skipped."""
        return "" if isinstance(self.windows, int) else digest(self.windows.ids)


def select(documents: Sequence[str], encode: Encode, settings: CalibrationSettings) -> Selection:
    """What a cell reads of its documents.

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
    return Selection(windows, available)


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
    return UserError(f"the text has {found} {unit}, too few for anything", "leave the language out, or its file")


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


_UNITS: dict[str, Callable[[Encode], _Unit]] = {
    "tokens": _Tokens,
    "characters": _Characters,
    "bytes": _Bytes,
    "lines": _Lines,
}
