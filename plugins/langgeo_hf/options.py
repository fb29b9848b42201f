"""Options of the models."""

from __future__ import annotations

from pydantic import Field

from langgeo_core.api import Options


class FolderOptions(Options):
    """Where the model lies."""

    path: str = Field(description="Folder with config.json, *.safetensors and a tokenizer.")
    revision: str = Field("unpinned", description="What the weights are known as; recorded, never checked.")
    licence: str = Field("unknown", description="Terms of use; recorded and shown in reports.")
