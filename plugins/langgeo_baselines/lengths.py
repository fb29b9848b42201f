"""Baselines from lengths alone: bytes, and tokens per unit of text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_baselines.options import FertilityOptions, Unit
from langgeo_core.api import BaselineContext, DistanceMatrix, UnavailableError

Float64 = NDArray[np.float64]


class Fertility:
    """Difference in fertility: |ln (tokens per unit of one text / tokens per unit of the other)|."""

    def __init__(self, options: FertilityOptions) -> None:
        self._options = options

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """The mean over the run's models, of whole texts; missing for a language without text.

        Raises
        ------
        UnavailableError
            In a run without models or texts.
        """
        if not context.tokens:
            raise UnavailableError("it reads the tokens of a model, and this run has no model")
        ids = tuple(language.id for language in context.languages)
        units = np.array([measure(context.documents(one), self._options.unit) for one in ids])
        tokens = np.array([[len(read(one, True)) for one in ids] for read in context.tokens.values()])
        return DistanceMatrix(ids, np.mean([log_ratios(counts) for counts in _quotients(tokens, units)], axis=0))


def _quotients(tokens: NDArray[np.int64], units: NDArray[np.int64]) -> Float64:
    """(models, n) tokens per unit, 0 where there are none."""
    return np.divide(tokens, units, out=np.zeros(tokens.shape), where=units > 0)


class ByteLength:
    """How different the lengths of the texts are: |ln (UTF-8 bytes of one / UTF-8 bytes of the other)|."""

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Of whole texts; missing for a language without text."""
        ids = tuple(language.id for language in context.languages)
        return DistanceMatrix(ids, log_ratios(np.array([measure(context.documents(one), "byte") for one in ids])))


def measure(documents: Sequence[str], unit: Unit) -> int:
    """Number of units in all documents; words are separated by white space."""
    if unit == "byte":
        return sum(len(document.encode()) for document in documents)
    if unit == "word":
        return sum(len(document.split()) for document in documents)
    return sum(map(len, documents))


def log_ratios(sizes: NDArray[np.float64] | NDArray[np.int64]) -> Float64:
    """(n, n) |ln (one / other)| of (n,) sizes; NaN for a size of 0."""
    logarithms = np.log(np.where(sizes > 0, sizes, np.nan))
    ratios: Float64 = np.abs(logarithms[:, np.newaxis] - logarithms)
    np.fill_diagonal(ratios, 0.0)
    return ratios
