"""The component `huggingface`: a folder, a model of the hub or a GGUF file."""

from __future__ import annotations

from pathlib import Path

from langgeo_hf.folder import FolderModel
from langgeo_hf.gguf import GgufModel
from langgeo_hf.hub import HubModel
from langgeo_hf.options import FolderOptions, HuggingFaceOptions


def huggingface_model(options: HuggingFaceOptions) -> FolderModel:
    """The model in the source named by the options; nothing is read yet."""
    source = options.path or options.repo or options.file
    inner = FolderOptions(path=source, revision=options.revision, licence=options.licence, attention=options.attention)
    if options.repo:
        return HubModel(inner, download=options.download)
    if options.file:
        return GgufModel(inner, Path(options.file).expanduser())
    return FolderModel(inner)
