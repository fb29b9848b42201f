"""Options of the corpora."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from langgeo_core.api import Options


class TextFolderOptions(Options):
    """Options of `text-folder`."""

    path: Path = Field(description="folder with `<language id>.txt`, `.txt.gz` or `.jsonl` files in UTF-8")
    licence: str = Field(default="unknown", description="licence of the texts, shown in the report")
    version: str = Field(default="unversioned", description="version of the texts, shown in the report")


class DjangoOptions(Options):
    """Options of `django`."""

    words: int = Field(
        default=2,
        ge=1,
        description="minimum number of English words of a message; excludes names of months and one-word labels",
    )
    parallel: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="use only languages with at least this share of the messages, and only the messages that all of "
        "these have; unset: all messages of each language",
    )
