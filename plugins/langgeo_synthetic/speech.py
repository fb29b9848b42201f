"""A made-up language: its words, affixes and word order, and how it says a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from langgeo_synthetic.meanings import Sentence, Thing

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
