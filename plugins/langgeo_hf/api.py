"""What other plugins may use: models in a folder of transformers, folders made once, and digests."""

from langgeo_hf.digests import sha256_of
from langgeo_hf.folder import IDENTIFYING, FolderModel, folder_sha256
from langgeo_hf.gguf import converted, kept
from langgeo_hf.made import is_made, made_folders, made_once
from langgeo_hf.options import FolderOptions

__all__ = [
    "IDENTIFYING",
    "FolderModel",
    "FolderOptions",
    "converted",
    "folder_sha256",
    "is_made",
    "kept",
    "made_folders",
    "made_once",
    "sha256_of",
]
