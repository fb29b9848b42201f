"""Options of the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from langgeo_core.api import Options


class HubTextOptions(Options):
    """Options of `hub-text`."""

    repo: str = Field(default="", description="the data set on the hub, as `organisation/name`")
    revision: str = Field(default="unpinned", description="commit, tag or branch; `unpinned`: the branch main")
    path: Path | None = Field(default=None, description="a local folder laid out like the data set, read instead of it")
    files: str = Field(
        default="{code}/*", description="where the files of a language are in it; `{code}` stands for its code"
    )
    codes: dict[str, str] = Field(
        min_length=1, description="the data set's own code of each language id; the corpus has no other languages"
    )
    unverified: tuple[str, ...] = Field(
        default=(), description="ids in `codes` of which nobody has checked that the text is in just this language"
    )
    column: str = Field(default="text", description="the column, or the key of a JSON line, that holds the text")
    documents: int = Field(default=2000, ge=1, description="documents to sample for each language")
    pool: int = Field(
        default=10_000,
        ge=1,
        description="documents held at a time to draw the sample from; reading ends when the sample is full",
        json_schema_extra={"unit": "documents"},
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="seed of the sample")
    download: bool = Field(
        default=False, description="read the hub over the network where the text is not on this machine"
    )
    licence: str = Field(default="unknown", description="the terms on which the texts may be read, for the report")

    @field_validator("files")
    @classmethod
    def _has_a_place_for_the_code(cls, files: str) -> str:
        if "{code}" not in files:
            raise ValueError("must hold `{code}`, where the code of the language belongs")
        if files.startswith("/") or ".." in files.split("/"):
            raise ValueError("must be a place inside the data set")
        return files

    @model_validator(mode="after")
    def _names_a_place(self) -> Self:
        if not self.repo and self.path is None:
            raise ValueError("needs a `repo` of the hub or a `path`")
        return self
