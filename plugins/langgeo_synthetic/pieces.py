"""The control `pieces`: one language's text dealt out among languages that do not exist."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from langgeo_core.api import CorpusIdentity, Language, Text, UserError, build_component, protocols
from langgeo_synthetic.options import PiecesOptions
from langgeo_synthetic.phylogeny import private_codes


class Pieces:
    """Lines of one text in random order, dealt out like cards among `qaa`, `qab`, …

    The languages have branches, which are dealt out at random too: whatever agrees with these agrees by chance.
    """

    def __init__(self, options: PiecesOptions) -> None:
        self._options = options
        self._inner: Any = build_component("corpora", options.corpus)

    def identity(self) -> CorpusIdentity:
        """That of the corpus, and what was done to it."""
        inner: CorpusIdentity = self._inner.identity()
        dealt = f"{self._options.language} dealt out among {self._options.count}, seed {self._options.seed}"
        return replace(inner, name=f"{inner.name}, in pieces", version=f"{inner.version}; {dealt}")

    def languages(self) -> Sequence[str]:
        """`qaa` and the codes after it."""
        return private_codes()[: self._options.count]

    def describe(self) -> dict[str, Language]:
        """Each language with a branch drawn at random, branches being equally large as far as they can be."""
        branches = [str(number % self._options.branches + 1) for number in range(self._options.count)]
        dealt = random.Random(f"{self._options.seed}/branches").sample(branches, len(branches))
        return {code: _language(code, branch) for code, branch in zip(self.languages(), dealt, strict=True)}

    def scripts(self) -> dict[str, str]:
        """That of the text, for every language."""
        known = self._inner.scripts() if isinstance(self._inner, protocols.ScriptedCorpus) else {}
        return dict.fromkeys(self.languages(), known.get(self._options.language, ""))

    def read(self, language: str) -> Text:
        """The lines that a language was dealt, as one document.

        Raises
        ------
        UserError
            If there is no such language, or the text has fewer lines than there are languages.
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
