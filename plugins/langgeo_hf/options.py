"""Options of the models."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from langgeo_core.api import Options

Attention = Literal["auto", "sdpa", "eager"]


class FolderOptions(Options):
    """Where the model lies."""

    path: str = Field(description="Folder with config.json, *.safetensors and a tokenizer.")
    revision: str = Field("unpinned", description="What the weights are known as; recorded, never checked.")
    licence: str = Field("unknown", description="Terms of use; recorded and shown in reports.")
    attention: Attention = Field("auto", description="Which code of transformers computes attention.")


class HuggingFaceOptions(Options):
    """Where the model comes from: one of `path`, `repo` and `file`."""

    path: str = Field("", description="Folder with config.json, *.safetensors and a tokenizer.")
    repo: str = Field("", description="Model of the Hugging Face hub, `organisation/name`.")
    file: str = Field("", description="One file in the format GGUF.")
    revision: str = Field(
        "unpinned",
        description="Of a repo its commit, tag or branch, unpinned for main; else a name, recorded and never checked.",
    )
    download: bool = Field(False, description="Whether a repo that the hub's cache lacks is downloaded.")
    licence: str = Field("unknown", description="Terms of use; recorded and shown in reports.")
    attention: Attention = Field("auto", description="Which code of transformers computes attention.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in ("path", "repo", "file") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"one of path, repo and file is needed, got {' and '.join(given) or 'none'}")
        if self.download and not self.repo:
            raise ValueError("download goes with repo only")
        return self
