"""What is said, as sentences over concepts that follow Zipf's law, and how a made-up language says it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Literal

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


CATEGORIES = ("plural", "definite", "object", "past")
"""What affixes say."""

ORDERS = ("svo", "sov", "vso")
PLACES = ("quality", "relation", "negation")
"""What comes before or after the word that it belongs to."""


@dataclass(frozen=True)
class Affix:
    """Sounds at one end of a word."""

    form: str
    side: Literal["before", "after"]

    def attach(self, word: str) -> str:
        """The word with it."""
        return self.form + word if self.side == "before" else word + self.form


@dataclass(frozen=True)
class Speech:
    """One language at one time.

    Parameters
    ----------
    lexicon : the word of every concept of `meanings.CONCEPTS`
    affixes : those of `CATEGORIES`
    order : of subject, verb and object
    first : for each of `PLACES`, whether it comes before the word that it belongs to
    """

    lexicon: Mapping[str, str]
    affixes: Mapping[str, Affix]
    order: str
    first: Mapping[str, bool]

    def words(self) -> Iterator[str]:
        """Every form that sound changes work on."""
        return chain(self.lexicon.values(), (affix.form for affix in self.affixes.values()))

    def say(self, sentences: Sequence[Sentence]) -> str:
        """The sentences as text: a capital begins each, a full stop ends it."""
        parts: list[str] = []
        for sentence in sentences:
            clause = self._clause(sentence)
            begins = not parts or parts[-1].endswith(". ")
            parts.append(clause[:1].upper() + clause[1:] if begins else clause)
            parts.append(f" {self.lexicon['and']} " if sentence.joined else ". ")
        return "".join(parts[:-1]) + "."

    def _clause(self, sentence: Sentence) -> str:
        parts = {
            "s": self._phrase(sentence.subject),
            "v": self._verb(sentence),
            "o": self._phrase(sentence.object, "object") if sentence.object else "",
        }
        core = [parts[role] for role in self.order]
        place = self._place(sentence)
        return " ".join(filter(None, [place, *core] if self.order == "sov" else [*core, place]))

    def _verb(self, sentence: Sentence) -> str:
        verb = self.lexicon[sentence.verb]
        verb = self.affixes["past"].attach(verb) if sentence.past else verb
        return self._beside("negation", self.lexicon["not"], verb) if sentence.negated else verb

    def _place(self, sentence: Sentence) -> str:
        if sentence.place is None:
            return ""
        return self._beside("relation", self.lexicon[sentence.relation], self._phrase(sentence.place))

    def _phrase(self, thing: Thing, *roles: str) -> str:
        noun = self.lexicon[thing.noun]
        for category in (*["plural"] * thing.plural, *["definite"] * thing.definite, *roles):
            noun = self.affixes[category].attach(noun)
        return self._beside("quality", self.lexicon[thing.quality], noun) if thing.quality else noun

    def _beside(self, place: str, word: str, head: str) -> str:
        return f"{word} {head}" if self.first[place] else f"{head} {word}"
