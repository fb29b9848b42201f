"""The texts of a run: each is read once, tokenized once for each model and dealt to replicates of equal size."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from threading import RLock
from typing import Any, TypeVar

from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.protocols import Corpus, Model, Tokenizer
from langgeo_core.contract.types import Text

Value = TypeVar("Value")

KEPT_BYTES = 2**30
"""What a run keeps of texts, tokens and windows together."""

ENOUGH = 0.75
"""Share of the token budget that `short: use` asks for at least."""


class Kept:
    """Values that are made once as long as there is room for them, and made again where there is none.

    Planning needs every text before calibration needs the first, so reading each only once means keeping all of them.
    That is cheap for ten kilobytes of text in 390 languages and impossible for gigabytes: the first values that fit
    into `most` bytes are kept, the others are made when they are asked for. One thread at a time makes a value.
    """

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._left, self._values, self._lock = most, dict[Hashable, Any](), RLock()

    def get(self, key: Hashable, make: Callable[[], Value], size: Callable[[Value], int]) -> Value:
        """The value of a key; `size` is in bytes."""
        with self._lock:
            if key in self._values:
                found: Value = self._values[key]
                return found
            value = make()
            if (taken := size(value)) <= self._left:
                self._left -= taken
                self._values[key] = value
            return value


class Texts:
    """What the corpora of a run hold, and what the tokenizers of its models make of that; `kept` keeps both."""

    def __init__(self, models: Mapping[str, Model], corpora: Mapping[str, Corpus], kept: Kept | None = None) -> None:
        self._corpora, self.kept = corpora, kept or Kept()
        self.tokenizers: dict[str, Callable[[], Tokenizer]] = {key: cache(one.tokenizer) for key, one in models.items()}

    def read(self, corpus: str, language: str) -> Text:
        """The text of a language in a corpus; raises what the corpus raises."""
        return self.kept.get(
            ("text", corpus, language),
            lambda: self._corpora[corpus].read(language),
            lambda text: 2 * sum(map(len, text.documents)),  # about: Python takes one to four bytes for a character
        )

    def tokens(self, model: str, corpus: str, language: str) -> tuple[array[int], ...]:
        """The token ids of each document, without special tokens."""
        documents, encode = self.read(corpus, language).documents, self.tokenizers[model]().encode
        return self.kept.get(
            ("tokens", model, corpus, language),
            lambda: tuple(array("q", encode(document)) for document in documents),
            lambda found: sum(len(document) * document.itemsize for document in found),
        )


def surely_short(documents: Sequence[str], settings: CalibrationSettings) -> str:
    """How little text there is, where a run will refuse it whatever the tokenizer; else empty.

    A tokenizer makes at most a token of each byte in UTF-8, and some put one before each document. (Normalisation can
    write out a rare ligature in more bytes than it had; no language's text consists of these.)
    """
    if settings.short in ("cycle", "skip"):
        return ""
    lines = settings.unit == "lines"
    size = sum(one.count("\n") + 1 if lines else len(one.encode()) for one in documents)
    most = size if lines else size + len(documents)
    short = most < (ENOUGH if settings.short == "use" else 1) * settings.tokens
    return f"{size} {'lines' if lines else 'bytes'}" if short else ""


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

    Raises UserError if there are fewer windows than replicates.

    Examples
    --------
    >>> deal([0, 1, 2, 3, 4], 2)
    [(0, 2), (1, 3)]
    """
    if len(windows) < replicates:
        counted = "1 full window" if len(windows) == 1 else f"{len(windows)} full windows"
        raise UserError(
            f"the text has {counted}, fewer than the {replicates} replicates asked for",
            "lower reliability.replicates or calibration.window, raise calibration.tokens, or leave the language out",
        )
    dealt = len(windows) // replicates * replicates
    return [tuple(windows[first:dealt:replicates]) for first in range(replicates)]
