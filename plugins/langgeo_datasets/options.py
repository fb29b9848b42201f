"""Options of the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from langgeo_core.api import Options


class HubTextOptions(Options):
    """Options of `hub-text`."""

    repo: str = Field(default="", description="data set on the hub, as `organisation/name`")
    revision: str = Field(default="unpinned", description="commit, tag or branch; `unpinned`: the branch main")
    path: Path | None = Field(default=None, description="local folder with the same layout, read instead")
    files: str = Field(
        default="{code}/*", description="pattern of the files of a language; `{code}` is replaced by its code"
    )
    codes: dict[str, str] = Field(
        min_length=1, description="the data set's code of each language id; the corpus has only these languages"
    )
    unverified: tuple[str, ...] = Field(
        default=(), description="ids in `codes` for which it was not verified that the text is in this language"
    )
    column: str = Field(default="text", description="column, or key of a JSON line, with the text")
    documents: int = Field(default=2000, ge=1, description="number of documents to sample for each language")
    pool: int = Field(
        default=10_000,
        ge=1,
        description="documents in memory from which the sample is drawn; reading ends when the sample is complete",
        json_schema_extra={"unit": "documents"},
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="seed of the sample")
    download: bool = Field(
        default=False, description="read from the hub over the network if the text is not on this machine"
    )
    licence: str = Field(default="unknown", description="licence of the texts, shown in the report")

    @field_validator("files")
    @classmethod
    def _has_a_place_for_the_code(cls, files: str) -> str:
        if "{code}" not in files:
            raise ValueError("must contain `{code}`, the place of the language's code")
        if files.startswith("/") or ".." in files.split("/"):
            raise ValueError("must be a path inside the data set")
        return files

    @model_validator(mode="after")
    def _names_a_place(self) -> Self:
        if not self.repo and self.path is None:
            raise ValueError("needs `repo` or `path`")
        return self
