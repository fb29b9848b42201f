"""The languages that have a class at one level, and how they are resampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_glottolog.options import ResamplingOptions
from langgeo_glottolog.resampling import halves, shuffles

Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sample:
    """Languages with a class, in the order of their ids, so that nothing depends on the order they came in.

    Parameters
    ----------
    evaluator : whose rows these are
    level : which classes
    ids : (n,) language ids
    classes : (n,) codes
    shuffled : (permutations, n) orders of the languages, for the null
    halved : (subsamples, n // 2) positions, for the interval
    """

    evaluator: str
    level: str
    ids: tuple[str, ...]
    classes: Int64
    shuffled: Int64
    halved: Int64


@dataclass(frozen=True)
class Question:
    """What an evaluator asks of a level: whose rows the answers are, and how its languages are resampled."""

    evaluator: str
    level: str
    options: ResamplingOptions
    seed: int


def draw(question: Question, labels: dict[str, str]) -> Sample:
    """The sample of the labelled languages; all figures of a level share its shuffles and halves."""
    ids = tuple(sorted(labels))
    _, codes = np.unique([labels[identifier] for identifier in ids], return_inverse=True)
    rng = np.random.default_rng(question.seed)
    return Sample(
        question.evaluator,
        question.level,
        ids,
        codes.astype(np.int64),
        shuffles(len(ids), question.options.permutations, rng),
        halves(len(ids), question.options.subsamples, rng),
    )


def labelled(ids: Sequence[str], classes: Sequence[str | None]) -> dict[str, str]:
    """The class of every language that has one."""
    return {identifier: label for identifier, label in zip(ids, classes, strict=True) if label is not None}
