"""The control `shuffled`: another corpus with its characters or words in random order."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from langgeo_core.api import CorpusIdentity, Language, Text, build_component, protocols
from langgeo_synthetic.options import ShuffledOptions

SPLITS = {"characters": r"(?s).", "words": r"\S+|\s+"}


class Shuffled:
    """Each document's characters, or its words with the spaces between them, change places; nothing else changes."""

    def __init__(self, options: ShuffledOptions) -> None:
        self._options = options
        self._inner: Any = build_component("corpora", options.corpus)

    def identity(self) -> CorpusIdentity:
        """That of the corpus, and what was done to it."""
        inner: CorpusIdentity = self._inner.identity()
        changed = f"{self._options.units} shuffled within documents, seed {self._options.seed}"
        return replace(inner, name=f"{inner.name}, shuffled", version=f"{inner.version}; {changed}")

    def languages(self) -> Sequence[str]:
        """Those of the corpus."""
        found: Sequence[str] = self._inner.languages()
        return found

    def scripts(self) -> dict[str, str]:
        """Those that the corpus knows."""
        return dict(self._inner.scripts()) if isinstance(self._inner, protocols.ScriptedCorpus) else {}

    def describe(self) -> dict[str, Language]:
        """What the corpus says of made-up languages."""
        return dict(self._inner.describe()) if isinstance(self._inner, protocols.DescribingCorpus) else {}

    def read(self, language: str) -> Text:
        """The shuffled text; raises what the corpus raises."""
        text: Text = self._inner.read(language)
        draw = random.Random(f"{self._options.seed}/{language}")
        documents = tuple(self._shuffled(document, draw) for document in text.documents)
        return Text(language, documents, f"{text.source}, {self._options.units} shuffled")

    def _shuffled(self, document: str, draw: random.Random) -> str:
        """Words stay words: spaces are shuffled among spaces."""
        parts = re.findall(SPLITS[self._options.units], document)
        if self._options.units == "characters":
            return "".join(draw.sample(parts, len(parts)))
        words = iter(draw.sample(spoken := [part for part in parts if not part.isspace()], len(spoken)))
        return "".join(part if part.isspace() else next(words) for part in parts)
