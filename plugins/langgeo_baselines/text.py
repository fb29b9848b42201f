"""Baselines from the texts that the run's models read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_baselines.divergence import jensen_shannon
from langgeo_baselines.ngrams import byte_codes, character_codes, count_table, cut, grams, normalised
from langgeo_baselines.options import ByteOptions, CharacterOptions, TextOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, UnavailableError

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
    """Of each text that is read, the mean: a model's tokenizer decides how far calibration reads."""
    ids = tuple(language.id for language in context.languages)
    counts = (
        count_table([_counted(read(identifier), options, split) for identifier in ids])
        for read in _readers(context, options)
    )
    found = [np.sqrt(jensen_shannon(table)) if options.root else jensen_shannon(table) for table in counts]
    return DistanceMatrix(ids, np.mean(found, axis=0))


def _readers(context: BaselineContext, options: TextOptions) -> Sequence[Callable[[str], Sequence[str]]]:
    if options.text == "all":
        return [context.documents]
    if not context.passages:
        raise UnavailableError("it reads the text that a model reads, and this run has no model")
    return list(context.passages.values())


def _counted(documents: Sequence[str], options: TextOptions, split: Callable[[str], Int64]) -> Int64:
    """All n-grams of a language's documents; none spans two of them."""
    limit = None if options.characters == "all" else options.characters
    texts = [normalised(document, options.letters) for document in cut(documents, limit)]
    return np.concatenate([np.empty(0, dtype=np.int64), *(split(text) for text in texts if text.strip())])
