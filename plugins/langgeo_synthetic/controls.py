"""The controls `shuffled` and `pieces`: corpora in which there is nothing to find."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from langgeo_core.api import CorpusIdentity, Language, Text, UserError, build_component, protocols
from langgeo_synthetic.options import PiecesOptions, ShuffledOptions
from langgeo_synthetic.phylogeny import private_codes

SPLITS = {"characters": r"(?s).", "words": r"\S+|\s+"}


class Shuffled:
    """Shuffles the characters of each document, or its words; the rest stays as it is."""

    def __init__(self, options: ShuffledOptions) -> None:
        self._options = options
        self._inner: Any = build_component("corpora", options.corpus)

    def identity(self) -> CorpusIdentity:
        """That of the other corpus, with what was changed."""
        inner: CorpusIdentity = self._inner.identity()
        changed = f"{self._options.units} shuffled within documents, seed {self._options.seed}"
        return replace(inner, name=f"{inner.name}, shuffled", version=f"{inner.version}; {changed}")

    def languages(self) -> Sequence[str]:
        """Those of the other corpus."""
        found: Sequence[str] = self._inner.languages()
        return found

    def scripts(self) -> dict[str, str]:
        """Those that the other corpus knows."""
        return dict(self._inner.scripts()) if isinstance(self._inner, protocols.ScriptedCorpus) else {}

    def describe(self) -> dict[str, Language]:
        """The made-up languages of the other corpus."""
        return dict(self._inner.describe()) if isinstance(self._inner, protocols.DescribingCorpus) else {}

    def read(self, language: str) -> Text:
        """The shuffled text; raises what the other corpus raises."""
        text: Text = self._inner.read(language)
        draw = random.Random(f"{self._options.seed}/{language}")
        documents = tuple(self._shuffled(document, draw) for document in text.documents)
        return Text(language, documents, f"{text.source}, {self._options.units} shuffled")

    def _shuffled(self, document: str, draw: random.Random) -> str:
        """Characters in random order; or words in random order, with spaces where they were."""
        parts = re.findall(SPLITS[self._options.units], document)
        if self._options.units == "characters":
            return "".join(draw.sample(parts, len(parts)))
        words = iter(draw.sample(spoken := [part for part in parts if not part.isspace()], len(spoken)))
        return "".join(part if part.isspace() else next(words) for part in parts)


class Pieces:
    """Lines of one text in random order, divided among the made-up languages `qaa`, `qab`, …

    The languages are assigned to branches at random, so any agreement with these is chance.
    """

    def __init__(self, options: PiecesOptions) -> None:
        self._options = options
        self._inner: Any = build_component("corpora", options.corpus)

    def identity(self) -> CorpusIdentity:
        """That of the other corpus, with what was changed."""
        inner: CorpusIdentity = self._inner.identity()
        dealt = f"{self._options.language} dealt out among {self._options.count}, seed {self._options.seed}"
        return replace(inner, name=f"{inner.name}, in pieces", version=f"{inner.version}; {dealt}")

    def languages(self) -> Sequence[str]:
        """`qaa` and the codes after it."""
        return private_codes()[: self._options.count]

    def describe(self) -> dict[str, Language]:
        """Each language with a random branch; branches are as equal in size as possible."""
        branches = [str(number % self._options.branches + 1) for number in range(self._options.count)]
        dealt = random.Random(f"{self._options.seed}/branches").sample(branches, len(branches))
        return {code: _language(code, branch) for code, branch in zip(self.languages(), dealt, strict=True)}

    def scripts(self) -> dict[str, str]:
        """The script of the text, for every language."""
        known = self._inner.scripts() if isinstance(self._inner, protocols.ScriptedCorpus) else {}
        return dict.fromkeys(self.languages(), known.get(self._options.language, ""))

    def read(self, language: str) -> Text:
        """The lines of a language, as one document.

        Raises
        ------
        UserError
            If the language is unknown, or the text has fewer lines than there are languages.
        """
        if language not in self.languages():
            raise UserError(f"pieces has no text in {language}", f"it has qaa to {self.languages()[-1]}")
        place = self.languages().index(language)
        lines = self._lines[place :: self._options.count]
        return Text(language, ("\n".join(lines),), f"{self._text.source}, piece {place + 1} of {self._options.count}")

    @cached_property
    def _text(self) -> Text:
        text: Text = self._inner.read(self._options.language)
        return text

    @cached_property
    def _lines(self) -> list[str]:
        lines = [line for document in self._text.documents for line in document.splitlines() if line.strip()]
        if len(lines) < self._options.count:
            message = f"the text in {self._options.language} has {len(lines)} lines for {self._options.count} pieces"
            raise UserError(message, "lower `count`, or choose a longer text")
        return random.Random(f"{self._options.seed}/lines").sample(lines, len(lines))


def _language(code: str, branch: str) -> Language:
    name, lineage = f"Piece {code}", ("1", branch)
    return Language(code, code, name=name, level="language", family="1", branch=branch, lineage=lineage)
