"""What is said, before any language says it: sentences over concepts that follow Zipf's law."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

NOUNS, VERBS, QUALITIES = 160, 80, 50
ZIPF_OFFSET = 2.7
"""Added to the rank in 1 / (rank + offset), after Mandelbrot 1953."""

RELATIONS = ("at", "with", "of", "to", "from")
PARTICLES = ("and", "not")
CONCEPTS = (
    *(f"noun {rank}" for rank in range(NOUNS)),
    *(f"verb {rank}" for rank in range(VERBS)),
    *(f"quality {rank}" for rank in range(QUALITIES)),
    *RELATIONS,
    *PARTICLES,
)
"""Everything that a language has a word for, the content words of each class from the most frequent down."""

QUALIFIED, PLURAL, DEFINITE, TRANSITIVE, PLACED, PAST, NEGATED, COORDINATED = 0.3, 0.3, 0.5, 0.6, 0.4, 0.5, 0.1, 0.15
"""How often a phrase or a sentence has each of these."""


@dataclass(frozen=True)
class Thing:
    """A noun with what is said of it."""

    noun: str
    quality: str | None
    plural: bool
    definite: bool


@dataclass(frozen=True)
class Sentence:
    """Who does what to whom, and where; `joined` is said together with the next one."""

    subject: Thing
    verb: str
    object: Thing | None
    relation: str
    place: Thing | None
    past: bool
    negated: bool
    joined: bool


class Speaker:
    """Draws sentences; the same seed draws the same ones."""

    def __init__(self, seed: str) -> None:
        self._draw = random.Random(seed)
        sizes = {"noun": NOUNS, "verb": VERBS, "quality": QUALITIES}
        self._words = {kind: ([f"{kind} {rank}" for rank in range(size)], _zipf(size)) for kind, size in sizes.items()}

    def sentences(self, count: int) -> Sequence[Sentence]:
        """The next sentences."""
        return [self._sentence() for _ in range(count)]

    def _sentence(self) -> Sentence:
        return Sentence(
            subject=self._thing(),
            verb=self._word("verb"),
            object=self._thing() if self._chance(TRANSITIVE) else None,
            relation=self._draw.choice(RELATIONS),
            place=self._thing() if self._chance(PLACED) else None,
            past=self._chance(PAST),
            negated=self._chance(NEGATED),
            joined=self._chance(COORDINATED),
        )

    def _thing(self) -> Thing:
        quality = self._word("quality") if self._chance(QUALIFIED) else None
        return Thing(self._word("noun"), quality, self._chance(PLURAL), self._chance(DEFINITE))

    def _word(self, kind: str) -> str:
        words, weights = self._words[kind]
        return self._draw.choices(words, cum_weights=weights)[0]

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share


def _zipf(size: int) -> list[float]:
    """Cumulative weights of words by their rank."""
    return list(accumulate(1 / (rank + ZIPF_OFFSET) for rank in range(1, size + 1)))
