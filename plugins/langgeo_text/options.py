"""Options of the corpora."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from langgeo_core.api import Options


class TextFolderOptions(Options):
    """Options of `text-folder`."""

    path: Path = Field(description="folder of `<language id>.txt`, `.txt.gz` or `.jsonl` files in UTF-8")
    licence: str = Field(default="unknown", description="the terms on which the texts may be read, for the report")
    version: str = Field(default="unversioned", description="which version of the texts this is, for the report")


class DjangoOptions(Options):
    """Options of `django`."""

    words: int = Field(
        default=2,
        ge=1,
        description="messages of fewer English words are left out: names of months, labels of one word",
    )
    parallel: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="a share of the messages: the languages that have as many take part, each with the messages that "
        "all of these have; left out, every language has what it has",
    )
