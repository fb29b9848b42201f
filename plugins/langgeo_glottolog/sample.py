"""The languages that have a class at one level, and how they are resampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Language, draw_halves
from langgeo_glottolog.near_duplicates import one_of_each
from langgeo_glottolog.options import ResamplingOptions
from langgeo_glottolog.resampling import shuffles
from langgeo_glottolog.scripts import shuffles_within

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
    """

    evaluator: str
    level: str
    ids: tuple[str, ...]
    classes: Int64

    def positions(self, ids: Sequence[str]) -> Int64:
        """Those of some languages, without the ones that have no class."""
        position = {identifier: index for index, identifier in enumerate(self.ids)}
        found = sorted(position[identifier] for identifier in ids if identifier in position)
        return np.array(found, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Resampled:
    """How the languages of a sample are resampled; all figures of a level share this.

    Parameters
    ----------
    shuffled : (permutations, n) orders of the languages, for the null
    within : (permutations, n) orders among languages of the same script, None where that says nothing
    halved : (subsamples, n // 2) positions, for the interval
    distinct : (m,) positions without near duplicates, None where there are none
    """

    shuffled: Int64
    within: Int64 | None
    halved: Int64
    distinct: Int64 | None


@dataclass(frozen=True)
class Question:
    """What an evaluator asks of a level: whose rows the answers are, and how its languages are resampled."""

    evaluator: str
    level: str
    options: ResamplingOptions
    seed: int


def draw(evaluator: str, level: str, labels: Mapping[str, str]) -> Sample:
    """The sample of the labelled languages."""
    ids = tuple(sorted(labels))
    _, codes = np.unique([labels[identifier] for identifier in ids], return_inverse=True)
    return Sample(evaluator, level, ids, codes.astype(np.int64))


def resample(sample: Sample, question: Question, languages: Sequence[Language]) -> Resampled:
    """The shuffles and parts of a sample, of which `languages` holds the facts."""
    facts = {language.id: language for language in languages}
    own = [facts[identifier] for identifier in sample.ids]
    rng = np.random.default_rng(question.seed)
    n, options = len(own), question.options
    shuffled, halved = shuffles(n, options.permutations, rng), draw_halves(n, options.subsamples, rng)
    within = shuffles_within([language.script for language in own], options.permutations, rng)
    distinct = sample.positions(sorted(one_of_each(own)))
    return Resampled(shuffled, within, halved, distinct if len(distinct) < n else None)


def labelled(ids: Sequence[str], classes: Sequence[str | None]) -> dict[str, str]:
    """The class of every language that has one."""
    return {identifier: label for identifier, label in zip(ids, classes, strict=True) if label is not None}
