"""What other plugins may use: models in a folder of transformers, checkpoints converted from GGUF, and digests."""

from langgeo_hf.digests import sha256_of
from langgeo_hf.folder import IDENTIFYING, FolderModel, folder_sha256
from langgeo_hf.gguf import converted, kept
from langgeo_hf.options import FolderOptions

__all__ = ["IDENTIFYING", "FolderModel", "FolderOptions", "converted", "folder_sha256", "kept", "sha256_of"]
