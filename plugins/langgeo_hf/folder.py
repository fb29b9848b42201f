"""A model in a local folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from langgeo_core.api import ModelIdentity, ModelShape, UserError
from langgeo_hf.digests import sha256_of
from langgeo_hf.options import FolderOptions
from langgeo_hf.shape import read_shape
from langgeo_hf.weights import check_files, weight_files

if TYPE_CHECKING:
    from torch import nn

    from langgeo_hf.checkpoint import LinearWeights
    from langgeo_hf.network import CausalTransformer, FolderTokenizer, StreamedTransformer, Transformer

IDENTIFYING = (
    "config.json",
    "tokenizer*",
    "*.model",
    "*vocab*",
    "merges.txt",
    "*.codes",
    "*.tiktoken",
    "tekken.json",
    "added_tokens.json",
    "special_tokens_map.json",
)
"""Files other than the weights that calibration depends on."""


class FolderModel:
    """Any model of transformers saved with `save_pretrained`, including its tokenizer."""

    def __init__(self, options: FolderOptions) -> None:
        self.options = options
        self._identified = ""

    def folder(self) -> Path:
        """The folder with config, safetensors and tokenizer; raises UserError if they are missing."""
        folder = Path(self.options.path).expanduser()
        if not (folder / "config.json").is_file():
            raise UserError(f"{folder} is not a model folder: it has no config.json", "check `path` of the model")
        weight_files(folder)
        return folder

    def identity(self) -> ModelIdentity:
        """Hashes the weights, the tokenizer and the configuration."""
        folder = self.folder()
        name, sha256 = folder.resolve().name, self.sha256()
        return ModelIdentity(name, sha256, self.options.revision, self.options.licence, str(folder))

    def sha256(self) -> str:
        """The hash of the folder; from then on loading raises UserError if the folder has changed."""
        self._identified = folder_sha256(self.folder())
        return self._identified

    def check(self) -> None:
        """Raises UserError if files are missing or not whole; does not read, download or convert weights."""
        check_files(self.folder())

    def here(self) -> Path | None:
        """The folder if it exists without downloading or converting anything; else None."""
        return self.folder()

    def shape(self) -> ModelShape | None:
        """The network's size from config.json; None if it does not exist yet or its type is unknown."""
        folder = self.here()
        return read_shape(folder) if folder else None

    def load(self, dtype: str) -> Transformer:
        """The network without its head."""
        from langgeo_hf.network import load_network

        return load_network(self._unchanged(), dtype, self.options.attention)

    def load_causal(self, dtype: str) -> CausalTransformer:
        """The network with its head; raises UserError if there is none."""
        from langgeo_hf.network import load_causal

        return load_causal(self._unchanged(), dtype, self.options.attention)

    def outline(self, dtype: str) -> nn.Module:
        """The network without weights, from the configuration alone."""
        from langgeo_hf.network import outline

        return outline(self.folder(), dtype, self.options.attention)

    def load_streamed(self, dtype: str) -> StreamedTransformer:
        """The network without its head and with empty layers, which are read one at a time."""
        from langgeo_hf.network import load_streamed

        return load_streamed(self._unchanged(), dtype, self.options.attention)

    def tokenizer(self) -> FolderTokenizer:
        """The tokenizer; reads no weights."""
        from langgeo_hf.network import load_tokenizer

        return load_tokenizer(self.folder())

    def tokenizer_here(self) -> FolderTokenizer | None:
        """The tokenizer as it is now, or None if it does not exist yet; hashes, downloads and converts nothing."""
        folder = self.here()
        if folder is None:
            return None
        from langgeo_hf.network import load_tokenizer

        return load_tokenizer(folder)

    def weights(self) -> LinearWeights:
        """Reader of the linear layers."""
        from langgeo_hf.network import linear_weights

        return linear_weights(self._unchanged())

    def _unchanged(self) -> Path:
        """The folder, with the contents that `sha256` saw."""
        folder = self.folder()
        if self._identified and folder_sha256(folder) != self._identified:
            raise UserError(f"{folder} has changed since the run began", "start the same command again")
        return folder


def folder_sha256(folder: Path) -> str:
    """SHA-256 over the names and contents of weights, tokenizer and configuration.

    Raises
    ------
    UserError
        If a file is missing, not whole or no ordinary file, or the weights are quantised.
    """
    check_files(folder)
    weights = weight_files(folder)
    others = {file for pattern in IDENTIFYING for file in folder.glob(pattern) if not file.is_dir()}
    digest = hashlib.sha256()
    for file in sorted({*weights, *others}):
        digest.update(f"{file.name}\0{sha256_of(file)}\n".encode())
    return digest.hexdigest()
