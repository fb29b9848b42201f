"""Options of the models."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from langgeo_core.api import Options

Attention = Literal["auto", "sdpa", "eager"]


class FolderOptions(Options):
    """Options of a model in a folder."""

    path: str = Field(description="Folder with config.json, *.safetensors and a tokenizer.")
    revision: str = Field("unpinned", description="Version of the weights; recorded, not checked.")
    licence: str = Field("unknown", description="Licence; recorded and shown in reports.")
    attention: Attention = Field("auto", description="Implementation of attention in transformers.")


class HuggingFaceOptions(Options):
    """Options of `huggingface`: the source is one of `path`, `repo` and `file`."""

    path: str = Field("", description="Folder with config.json, *.safetensors and a tokenizer.")
    repo: str = Field("", description="Model of the Hugging Face hub, `organisation/name`.")
    file: str = Field("", description="A GGUF file.")
    revision: str = Field(
        "unpinned",
        description="For repo: commit, tag or branch, unpinned means main. Otherwise a version, only recorded.",
    )
    download: bool = Field(False, description="Whether to download a repo that is missing in the hub's cache.")
    licence: str = Field("unknown", description="Licence; recorded and shown in reports.")
    attention: Attention = Field("auto", description="Implementation of attention in transformers.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in ("path", "repo", "file") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"one of path, repo and file is needed, got {' and '.join(given) or 'none'}")
        if self.download and not self.repo:
            raise ValueError("download can only be used with repo")
        return self
