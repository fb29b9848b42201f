"""The corpus `synthetic`: texts in made-up languages whose relations are known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property

from langgeo_core.api import CorpusIdentity, Language, Text, UserError
from langgeo_synthetic.options import SyntheticOptions
from langgeo_synthetic.world import World

VERSION = 1
"""Raised whenever the same options would give other texts."""


class Synthetic:
    """Text of a `World`; ids are codes for private use, `qaa`, `qab`, …, in the order of the tree's leaves."""

    def __init__(self, options: SyntheticOptions) -> None:
        self._options = options
        self._read: dict[str, Text] = {}

    def identity(self) -> CorpusIdentity:
        """The options are all there is to it."""
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
        """The text; raises UserError where there is no such language."""
        if language not in self._world.languages:
            known = self.languages()
            raise UserError(f"this world has no language {language}", f"it has {known[0]} to {known[-1]}")
        if language not in self._read:
            self._read[language] = Text(language, self._world.documents(language), f"synthetic {VERSION}")
        return self._read[language]

    @cached_property
    def _world(self) -> World:
        return World(self._options)
