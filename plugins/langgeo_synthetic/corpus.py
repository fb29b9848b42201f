"""The corpus `synthetic`: texts in made-up languages whose relations are known."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from langgeo_core.api import CorpusIdentity, Language, Text, UserError
from langgeo_synthetic.evolution import Rates, borrowed, descendants, first_language
from langgeo_synthetic.options import SyntheticOptions
from langgeo_synthetic.phylogeny import Branch, balanced, from_newick, private_codes, star
from langgeo_synthetic.sounds import CYRILLIC, LETTERS
from langgeo_synthetic.speech import Speaker, Speech

SCRIPT, SECOND_SCRIPT = "Latn", "Cyrl"
DOCUMENT = 20
"""Sentences in a document."""

IN_SECOND_SCRIPT = str.maketrans(CYRILLIC | {small.upper(): large.upper() for small, large in CYRILLIC.items()})


@dataclass(frozen=True)
class World:
    """The languages and texts that the options and their seed determine."""

    options: SyntheticOptions

    @cached_property
    def tree(self) -> Branch:
        """The true tree; raises UserError if it cannot be read."""
        asked = self.options
        if asked.tree == "balanced":
            return balanced((asked.families, asked.branches, asked.languages), asked.lengths)
        if asked.tree == "star":
            return star(asked.families * asked.branches * asked.languages, sum(asked.lengths))
        return from_newick(asked.tree)

    @cached_property
    def speeches(self) -> dict[str, Speech]:
        """Each language, by its code."""
        draw = self._draw("evolution")
        rates = Rates(self.options.sounds, self.options.words, self.options.affixes, self.options.order)
        alone = list(descendants(self.tree, first_language(draw), rates, draw))
        ring = self._ring(len(alone))
        donors = {place: ring[(order + 1) % len(ring)] for order, place in enumerate(ring)}
        spoken = [
            borrowed(speech, alone[donors[place]].lexicon, self.options.contact, draw)
            for place, speech in enumerate(alone)
        ]
        return dict(zip(private_codes(), spoken, strict=False))

    @cached_property
    def languages(self) -> dict[str, Language]:
        """Each language with its nodes of the tree and its place on a circle, next to its neighbours."""
        leaves = list(self.tree.leaves())
        lineages = self._random_lineages(len(leaves)) if self.options.tree == "star" else [above for _, above in leaves]
        ring = self._ring(len(leaves))
        known = {
            code: replace(
                _language(code, leaf.name, lineage, round(360 * ring.index(place) / len(ring) - 180, 3)),
                script=self._script(place),
            )
            for place, (code, (leaf, _), lineage) in enumerate(zip(private_codes(), leaves, lineages, strict=False))
        }
        return known | (self._twin(known) if self.options.twin else {})

    def documents(self, language: str) -> tuple[str, ...]:
        """The texts of a language, twenty sentences in each document."""
        code = language.partition("_")[0]
        speaker = Speaker(self._seed("sentences", "" if self.options.parallel else code))
        sentences = speaker.sentences(self._amount(code))
        texts = [self.speeches[code].say(sentences[at : at + DOCUMENT]) for at in range(0, len(sentences), DOCUMENT)]
        noisy = [self._noisy(text, code) for text in texts] if self.options.noise else texts
        second = self.languages[language].script == SECOND_SCRIPT
        return tuple(text.translate(IN_SECOND_SCRIPT) if second else text for text in noisy)

    def _script(self, place: int) -> str:
        return SECOND_SCRIPT if self.options.second_script and place % 2 else SCRIPT

    def _amount(self, code: str) -> int:
        """Number of sentences: falls geometrically from the language with most text, in a random order."""
        order = self._shuffled("amounts", len(self.speeches))
        rank = order[list(self.speeches).index(code)] / (len(order) - 1)
        return max(1, round(self.options.sentences * math.pow(self.options.imbalance, -rank)))

    def _noisy(self, text: str, code: str) -> str:
        draw = self._draw("noise", code, str(len(text)))
        share = self.options.noise
        return "".join(
            draw.choice(LETTERS) if letter.isalpha() and draw.random() < share else letter for letter in text
        )

    def _twin(self, known: dict[str, Language]) -> dict[str, Language]:
        first = next(iter(known.values()))
        code = f"{first.id}_{SECOND_SCRIPT}"
        return {code: replace(first, id=code, name=f"{first.name} in a second script", script=SECOND_SCRIPT)}

    def _random_lineages(self, count: int) -> list[tuple[str, ...]]:
        """Families and branches of the configured sizes, assigned at random."""
        even = balanced((self.options.families, self.options.branches, self.options.languages), self.options.lengths)
        lineages = [above for _, above in even.leaves()]
        return [lineages[place] for place in self._shuffled("classes", count)]

    def _ring(self, count: int) -> list[int]:
        return self._shuffled("neighbours", count)

    def _shuffled(self, purpose: str, count: int) -> list[int]:
        return self._draw(purpose).sample(range(count), count)

    def _draw(self, *purpose: str) -> random.Random:
        return random.Random(self._seed(*purpose))

    def _seed(self, *purpose: str) -> str:
        """Each purpose has its own seed, so that a new option leaves the rest of the world unchanged."""
        return "/".join((str(self.options.seed), *purpose))


def _language(code: str, name: str, lineage: Sequence[str], longitude: float) -> Language:
    nodes = (*lineage, name)
    return Language(
        id=code,
        iso639_3=code,
        name=f"Language {name}",
        level="language",
        family=nodes[0],
        branch=nodes[min(1, len(nodes) - 2)],
        lineage=tuple(lineage),
        latitude=0.0,
        longitude=longitude,
    )


VERSION = 1
"""Increased whenever the same options give different texts."""


class Synthetic:
    """Text of a `World`; ids are codes for private use, `qaa`, `qab`, …, in the order of the tree's leaves."""

    def __init__(self, options: SyntheticOptions) -> None:
        self._options = options
        self._read: dict[str, Text] = {}

    def identity(self) -> CorpusIdentity:
        """The options identify it."""
        options = json.dumps(self._options.model_dump(mode="json"))
        licence = "CC0-1.0: generated, nobody's work"
        return CorpusIdentity("synthetic", str(VERSION), licence, f"generated from {options}")

    def languages(self) -> Sequence[str]:
        """Ids in the order of the tree's leaves, the script twin last."""
        return list(self._world.languages)

    def scripts(self) -> dict[str, str]:
        """The script that each language is written in."""
        return {code: language.script for code, language in self._world.languages.items()}

    def describe(self) -> dict[str, Language]:
        """What the tree says of each language: family, branch, lineage; and where it is spoken."""
        return self._world.languages

    def read(self, language: str) -> Text:
        """The text; raises UserError for an unknown language."""
        if language not in self._world.languages:
            known = self.languages()
            raise UserError(f"this world has no language {language}", f"it has {known[0]} to {known[-1]}")
        if language not in self._read:
            self._read[language] = Text(language, self._world.documents(language), f"synthetic {VERSION}")
        return self._read[language]

    @cached_property
    def _world(self) -> World:
        return World(self._options)
