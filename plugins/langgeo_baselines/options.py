"""Options of the text baselines."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from langgeo_core.api import Options


class TextOptions(Options):
    """What is read of each text, and which distance is taken."""

    characters: Literal["all"] | PositiveInt = Field(
        "all", description="How much of each language's text is read: `all`, or this many characters from its start."
    )
    letters: bool = Field(
        False, description="Read letters and their marks only: all else counts as white space, as a word boundary."
    )
    root: bool = Field(
        True, description="Take the root of the divergence, which is a metric; else the divergence itself, in bits."
    )


class CharacterOptions(TextOptions):
    """Options of `char-ngrams`."""

    n: int = Field(2, ge=1, le=3, description="Characters in an n-gram.")


class ByteOptions(TextOptions):
    """Options of `byte-ngrams`."""

    n: int = Field(2, ge=1, le=7, description="Bytes in an n-gram.")
