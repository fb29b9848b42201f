"""Baselines from n-grams of characters or bytes in the texts that the run's models read."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from langgeo_baselines.counts import count_table, measured
from langgeo_baselines.options import ByteOptions, CharacterOptions, TextOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, UnavailableError

Int64 = NDArray[np.int64]


def normalised(document: str, letters: bool = False) -> str:
    """NFC, case-folded, each run of white space one space, and a space, the word boundary, at either end.

    With `letters`, all but letters and their marks counts as white space.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", document).casefold())
    text = "".join(_letters(folded)) if letters else folded
    return f" {' '.join(text.split())} "


def _letters(text: str) -> Iterator[str]:
    """The letters, marks and joiners of a text, and a space for each other character."""
    for character in text:
        category = unicodedata.category(character)
        yield character if category[0] in "LM" or category == "Cf" else " "


def cut(documents: Iterable[str], characters: int | None) -> list[str]:
    """The first characters of the documents, at most this many in all; None for everything."""
    if characters is None:
        return list(documents)
    kept, room = [], characters
    for document in documents:
        kept.append(document[:room])
        room -= len(kept[-1])
    return kept


def character_codes(text: str) -> Int64:
    """(characters,) code points."""
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)


def byte_codes(text: str) -> Int64:
    """(bytes,) of UTF-8."""
    return np.frombuffer(text.encode(), dtype=np.uint8).astype(np.int64)


def grams(codes: Int64, n: int, kinds: int) -> Int64:
    """(codes - n + 1,) every n-gram of codes below `kinds` as one number below kindsⁿ, in the order of its codes."""
    windows = max(0, len(codes) - n + 1)
    packed = np.zeros(windows, dtype=np.int64)
    for place in range(n):
        packed = packed * kinds + codes[place : place + windows]
    return packed


def count_grams(texts: Sequence[Sequence[Int64]], n: int) -> sparse.csc_array:
    """(languages, kinds) how often each language's texts have each n-gram; none spans two texts.

    Raises
    ------
    UnavailableError
        If there are so many characters that their n-grams have no number below 2^63: 55,109 for n = 4.
    """
    nothing = np.empty(0, dtype=np.int64)
    alphabet = np.unique(np.concatenate([nothing, *chain.from_iterable(texts)]))
    if len(alphabet) ** n >= 2**63:
        raise UnavailableError(f"its texts have {len(alphabet):,} characters, too many for n-grams of n = {n}")
    found = [[grams(np.searchsorted(alphabet, text), n, len(alphabet)) for text in pieces] for pieces in texts]
    return count_table([np.concatenate([nothing, *pieces]) for pieces in found])


class CharacterNgrams:
    """How different the n-grams of characters are: what script and spelling alone show."""

    def __init__(self, options: CharacterOptions) -> None:
        self._options, self.squared = options, options.squared

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language without text."""
        return _distances(context, self._options, self._options.n, character_codes)


class ByteNgrams:
    """The same of UTF-8 bytes, which a tokenizer of bytes reads."""

    def __init__(self, options: ByteOptions) -> None:
        self._options, self.squared = options, options.squared

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language without text."""
        return _distances(context, self._options, self._options.n, byte_codes)


def _distances(context: BaselineContext, options: TextOptions, n: int, codes: Callable[[str], Int64]) -> DistanceMatrix:
    """The mean over the texts that are read, one for each model if its tokenizer decides how much calibration reads."""
    ids = tuple(language.id for language in context.languages)
    tables = (
        count_grams([_codes(read(identifier), options, codes) for identifier in ids], n)
        for read in _readers(context, options)
    )
    return DistanceMatrix(ids, np.mean([measured(table, options) for table in tables], axis=0))


def _readers(context: BaselineContext, options: TextOptions) -> Sequence[Callable[[str], Sequence[str]]]:
    if options.text == "all":
        return [context.documents]
    if not context.passages:
        raise UnavailableError("it reads the text that a model reads, and this run has no model")
    return list(context.passages.values())


def _codes(documents: Sequence[str], options: TextOptions, codes: Callable[[str], Int64]) -> list[Int64]:
    """The characters or bytes of each of a language's documents that is not empty."""
    limit = None if options.characters == "all" else options.characters
    texts = [normalised(document, options.letters) for document in cut(documents, limit)]
    return [codes(text) for text in texts if text.strip()]
