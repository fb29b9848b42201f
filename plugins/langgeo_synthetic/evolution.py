"""How the first language is made, and how languages change along a branch: sounds, words, affixes, word order."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from langgeo_synthetic.phylogeny import Branch
from langgeo_synthetic.sounds import CODAS, NUCLEI, ONSETS, draw_change
from langgeo_synthetic.speech import CATEGORIES, CONCEPTS, ORDERS, PARTICLES, PLACES, RELATIONS, Affix, Speech

CODA = 0.3
"""Share of first syllables that end in a consonant."""


@dataclass(frozen=True)
class Rates:
    """What happens, on average, on a branch of length 1.

    Parameters
    ----------
    sounds : number of sound changes
    words : rate at which a word is replaced: after length t a share exp(−words · t) is left
    affixes : rate at which an affix is replaced, worn down or moved to the other end
    order : rate at which each choice of word order is drawn again
    """

    sounds: float
    words: float
    affixes: float
    order: float


def first_language(draw: random.Random) -> Speech:
    """The language at the root."""
    grammatical = (*RELATIONS, *PARTICLES)
    syllables = {concept: 1 if concept in grammatical else draw.choice((1, 2, 2, 3)) for concept in CONCEPTS}
    lexicon = {concept: "".join(_syllable(draw) for _ in range(syllables[concept])) for concept in CONCEPTS}
    affixes = {category: Affix(draw.choice(NUCLEI) + draw.choice(CODAS), "after") for category in CATEGORIES}
    return Speech(lexicon, affixes, draw.choice(ORDERS), {place: draw.random() < 0.5 for place in PLACES})


def _syllable(draw: random.Random) -> str:
    return draw.choice(ONSETS) + draw.choice(NUCLEI) + (draw.choice(CODAS) if draw.random() < CODA else "")


def descendants(root: Branch, speech: Speech, rates: Rates, draw: random.Random) -> Iterator[Speech]:
    """The languages at the leaves, in the order of `Branch.leaves`."""
    for child in root.children:
        changed = evolved(speech, child.length, rates, draw)
        if child.children:
            yield from descendants(child, changed, rates, draw)
        else:
            yield changed


def evolved(speech: Speech, length: float, rates: Rates, draw: random.Random) -> Speech:
    """The language after a branch: new words come first, so sound changes apply to them too."""
    changed = _new_words(speech, _share(rates.words, length), draw)
    changed = _new_affixes(changed, _share(rates.affixes, length), draw)
    changed = _new_order(changed, _share(rates.order, length), draw)
    for _ in range(_times(rates.sounds * length, draw)):
        changed = _sound_change(changed, draw)
    return changed


def _share(rate: float, length: float) -> float:
    return 1 - math.exp(-rate * length)


def _times(mean: float, draw: random.Random) -> int:
    """A random whole number next to the mean, with this mean: changes are as regular in time as possible."""
    return int(mean) + (draw.random() < mean % 1)


def _new_words(speech: Speech, share: float, draw: random.Random) -> Speech:
    known = list(speech.lexicon.values())
    lexicon = {
        concept: coined(known, draw) if draw.random() < share else word for concept, word in speech.lexicon.items()
    }
    return replace(speech, lexicon=lexicon)


def coined(known: list[str], draw: random.Random) -> str:
    """A new word that sounds like the language: the beginning of one word and the end of another."""
    one, other = draw.choice(known), draw.choice(known)
    return one[: len(one) // 2 + 1] + other[len(other) // 2 :]


def _new_affixes(speech: Speech, share: float, draw: random.Random) -> Speech:
    known = list(speech.lexicon.values())
    changed = {
        category: _new_affix(affix, known, draw) if draw.random() < share else affix
        for category, affix in speech.affixes.items()
    }
    return replace(speech, affixes=changed)


def _new_affix(affix: Affix, known: list[str], draw: random.Random) -> Affix:
    """Another form, one sound less, or the other end of the word."""
    kind = draw.choice(("new", "worn", "moved"))
    if kind == "moved":
        return Affix(affix.form, "before" if affix.side == "after" else "after")
    if kind == "worn" and len(affix.form) > 1:
        return Affix(affix.form[:-1], affix.side)
    return Affix(draw.choice(known)[:3], affix.side)


def _new_order(speech: Speech, share: float, draw: random.Random) -> Speech:
    order = draw.choice(ORDERS) if draw.random() < share else speech.order
    first = {place: draw.random() < 0.5 if draw.random() < share else first for place, first in speech.first.items()}
    return replace(speech, order=order, first=first)


def _sound_change(speech: Speech, draw: random.Random) -> Speech:
    change = draw_change(speech.words(), draw)
    if change is None:
        return speech
    lexicon = {concept: change.apply(word) for concept, word in speech.lexicon.items()}
    affixes = {name: Affix(change.apply(affix.form), affix.side) for name, affix in speech.affixes.items()}
    return replace(speech, lexicon=lexicon, affixes=affixes)


def borrowed(speech: Speech, donor: Mapping[str, str], share: float, draw: random.Random) -> Speech:
    """The language with a share of its words borrowed unchanged from a neighbour."""
    lexicon = {concept: donor[concept] if draw.random() < share else word for concept, word in speech.lexicon.items()}
    return replace(speech, lexicon=lexicon)
