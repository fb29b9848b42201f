"""Baselines from the texts that the run's models read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_baselines.divergence import jensen_shannon
from langgeo_baselines.ngrams import byte_codes, character_codes, count_table, cut, grams, normalised
from langgeo_baselines.options import ByteOptions, CharacterOptions, TextOptions
from langgeo_core.api import BaselineContext, DistanceMatrix

Int64 = NDArray[np.int64]

CHARACTER_BITS = 21
BYTE_BITS = 8


class CharacterNgrams:
    """How unlike the characters that follow each other are: what script and spelling alone give away."""

    def __init__(self, options: CharacterOptions) -> None:
        self._options = options

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language without text."""
        n = self._options.n
        return _distances(context, self._options, lambda text: grams(character_codes(text), n, CHARACTER_BITS))


class ByteNgrams:
    """The same of UTF-8 bytes, which is what a tokenizer of bytes reads."""

    def __init__(self, options: ByteOptions) -> None:
        self._options = options

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language without text."""
        n = self._options.n
        return _distances(context, self._options, lambda text: grams(byte_codes(text), n, BYTE_BITS))


def _distances(context: BaselineContext, options: TextOptions, split: Callable[[str], Int64]) -> DistanceMatrix:
    ids = tuple(language.id for language in context.languages)
    found = [_counted(context.documents(identifier), options, split) for identifier in ids]
    divergences = jensen_shannon(count_table(found))
    return DistanceMatrix(ids, np.sqrt(divergences) if options.root else divergences)


def _counted(documents: Sequence[str], options: TextOptions, split: Callable[[str], Int64]) -> Int64:
    """All n-grams of a language's documents; none spans two of them."""
    limit = None if options.characters == "all" else options.characters
    texts = [normalised(document, options.letters) for document in cut(documents, limit)]
    return np.concatenate([np.empty(0, dtype=np.int64), *(split(text) for text in texts if text.strip())])
