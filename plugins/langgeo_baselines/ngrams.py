"""From texts to counts of n-grams."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

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
    """The documents' first characters, so many in all, or everything."""
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


def grams(codes: Int64, n: int, bits: int) -> Int64:
    """(codes - n + 1,) every n-gram of codes below 2^bits as one number; n·bits is at most 63."""
    windows = max(0, len(codes) - n + 1)
    packed = np.zeros(windows, dtype=np.int64)
    for place in range(n):
        packed = (packed << bits) | codes[place : place + windows]
    return packed


def count_table(texts: Sequence[Int64]) -> sparse.csc_array:
    """(texts, kinds) how often each text has each kind of n-gram, the kinds in rising order."""
    found = [np.unique(text, return_counts=True) for text in texts]
    kinds, columns = np.unique(np.concatenate([kind for kind, _ in found]), return_inverse=True)
    rows = np.repeat(np.arange(len(texts)), [len(kind) for kind, _ in found])
    counts = np.concatenate([count for _, count in found])
    return sparse.csc_array((counts, (rows, columns)), shape=(len(texts), len(kinds)))
