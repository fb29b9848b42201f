"""Sounds of made-up languages, and regular sound change.

A sound becomes another wherever its surroundings are right, in every word at once.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

CONSONANTS = "ptkbdgfvszhmnlrwjþxčšžŋ"
VOWELS = "aeiouöüë"
FRONT = "eiöü"
LETTERS = CONSONANTS + VOWELS

ONSETS = "ptkbdgmnshlrwj"
NUCLEI = "aeiou"
CODAS = "nrslk"
"""What syllables of the first language are made of."""

CHANGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("p", "f", ("anywhere", "initial")),
    ("t", "þ", ("anywhere", "initial")),
    ("k", "x", ("anywhere", "initial")),
    ("p", "b", ("between vowels",)),
    ("t", "d", ("between vowels",)),
    ("k", "g", ("between vowels",)),
    ("b", "v", ("anywhere", "between vowels")),
    ("d", "z", ("before front vowels", "between vowels")),
    ("g", "j", ("before front vowels", "between vowels")),
    ("b", "p", ("final", "anywhere")),
    ("d", "t", ("final", "anywhere")),
    ("g", "k", ("final", "anywhere")),
    ("k", "č", ("before front vowels",)),
    ("t", "š", ("before front vowels",)),
    ("s", "š", ("before front vowels", "anywhere")),
    ("s", "h", ("initial", "between vowels")),
    ("s", "z", ("between vowels",)),
    ("z", "r", ("between vowels",)),
    ("f", "h", ("initial", "anywhere")),
    ("f", "v", ("between vowels",)),
    ("h", "", ("anywhere", "initial")),
    ("x", "h", ("anywhere", "initial")),
    ("þ", "s", ("anywhere",)),
    ("þ", "t", ("anywhere",)),
    ("č", "š", ("anywhere",)),
    ("š", "s", ("anywhere",)),
    ("š", "x", ("anywhere",)),
    ("ž", "š", ("anywhere", "final")),
    ("j", "ž", ("anywhere", "initial")),
    ("w", "v", ("anywhere",)),
    ("v", "w", ("anywhere",)),
    ("l", "r", ("between vowels", "final")),
    ("r", "l", ("anywhere", "initial")),
    ("l", "w", ("final",)),
    ("m", "n", ("final",)),
    ("n", "ŋ", ("final",)),
    ("ŋ", "n", ("anywhere",)),
    ("n", "", ("final",)),
    ("s", "", ("final",)),
    ("k", "", ("final",)),
    ("r", "", ("final",)),
    ("a", "o", ("anywhere", "final")),
    ("a", "e", ("anywhere", "final")),
    ("e", "i", ("anywhere", "final")),
    ("e", "a", ("anywhere",)),
    ("i", "e", ("anywhere", "final")),
    ("o", "u", ("anywhere", "final")),
    ("o", "a", ("anywhere",)),
    ("u", "o", ("anywhere", "final")),
    ("u", "ü", ("anywhere",)),
    ("o", "ö", ("anywhere", "initial")),
    ("ü", "i", ("anywhere",)),
    ("ö", "e", ("anywhere",)),
    ("a", "ë", ("final",)),
    ("e", "ë", ("final",)),
    ("ë", "", ("final",)),
    ("i", "", ("final",)),
    ("u", "", ("final",)),
)
"""From which sound to which (or to none), and in which surroundings: lenitions, palatalisations, shifts, losses."""

CYRILLIC = dict(zip(LETTERS, "пткбдгфвсзхмнлрўјћһчшжңаеиоуөүъ", strict=True))
"""Each letter in the second script, one to one."""


SURROUNDINGS = {
    "anywhere": "{0}",
    "initial": "^{0}",
    "final": "{0}$",
    "between vowels": f"(?<=[{VOWELS}]){{0}}(?=[{VOWELS}])",
    "before front vowels": f"{{0}}(?=[{FRONT}])",
}
SHORTEST = 2
"""No word loses sounds below this length."""

LEAST = 0.03
"""Share of the words that a change must alter: one that hardly any word shows is no regular change."""


@dataclass(frozen=True)
class SoundChange:
    """`source` becomes `target` (or is lost) in some surroundings, as `p > f, initial`."""

    source: str
    target: str
    surroundings: str

    def apply(self, word: str) -> str:
        """The word after the change; one that would become too short keeps its sounds."""
        if self.source not in word:
            return word
        changed = self._pattern.sub(self.target, word)
        return changed if len(changed) >= min(SHORTEST, len(word)) else word

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(SURROUNDINGS[self.surroundings].format(self.source), re.MULTILINE)

    def places(self, lines: str) -> int:
        """How many sounds of words, one on a line, are in its surroundings."""
        return len(self._pattern.findall(lines))

    def __str__(self) -> str:
        return f"{self.source} > {self.target or 'nothing'}, {self.surroundings}"


KNOWN = tuple(SoundChange(source, target, where) for source, target, places in CHANGES for where in places)


def draw_change(words: Iterable[str], draw: random.Random) -> SoundChange | None:
    """A change that alters enough of the words; None where none does."""
    spoken = list(words)
    lines, needed = "\n".join(spoken), math.ceil(LEAST * len(spoken))
    possible = [change for change in KNOWN if change.places(lines) >= needed and _alters(change, spoken, needed)]
    return draw.choice(possible) if possible else None


def _alters(change: SoundChange, words: Sequence[str], needed: int) -> bool:
    """Whether it alters as many of the words; they are looked at until that is known."""
    altered = (word for word in words if change.apply(word) != word)
    return sum(1 for _ in islice(altered, needed)) == needed
