"""A model in a local folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from langgeo_core.api import ModelIdentity, UserError
from langgeo_hf.options import FolderOptions
from langgeo_hf.weights import SafetensorsWeights

if TYPE_CHECKING:
    from langgeo_hf.network import Transformer

IDENTIFYING = (
    "*.safetensors",
    "config.json",
    "tokenizer*",
    "*.model",
    "vocab*",
    "merges.txt",
    "added_tokens.json",
    "special_tokens_map.json",
)


class FolderModel:
    """Any model of transformers that was saved with `save_pretrained`, tokenizer included."""

    def __init__(self, options: FolderOptions) -> None:
        self.options = options
        self.folder = Path(options.path).expanduser()

    def identity(self) -> ModelIdentity:
        """Hashes the weights, the tokenizer and the configuration."""
        self._check()
        digest = sha256_of(sorted({file for pattern in IDENTIFYING for file in self.folder.glob(pattern)}))
        return ModelIdentity(
            self.folder.resolve().name, digest, self.options.revision, self.options.licence, str(self.folder)
        )

    def load(self, dtype: str) -> Transformer:
        """The network without its head."""
        from langgeo_hf.network import load_network

        self._check()
        return load_network(self.folder, dtype)

    def weights(self) -> SafetensorsWeights:
        """Reader of the linear layers."""
        return SafetensorsWeights(self.folder)

    def _check(self) -> None:
        if not (self.folder / "config.json").is_file():
            raise UserError(f"{self.folder} is not a model folder: it has no config.json", "check `path` of the model")
        if not list(self.folder.glob("*.safetensors")):
            raise UserError(
                f"{self.folder} has no *.safetensors",
                "langgeo loads no pickled weights; save the model with save_pretrained",
            )


def sha256_of(files: list[Path]) -> str:
    """SHA-256 over the names and contents of files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
