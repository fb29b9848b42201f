"""A model in one GGUF file, converted once to float32 safetensors in the cache."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from safetensors import SafetensorError

from langgeo_core.api import MissingPackageError, ModelIdentity, StorageError, UserError, cache_folder
from langgeo_hf.digests import sha256_of
from langgeo_hf.folder import FolderModel
from langgeo_hf.options import FolderOptions

PACKAGES = ("gguf", "accelerate")
notice = logging.getLogger("langgeo.notice")

Provide = Callable[[Path], Path]
"""Provides a GGUF file: takes a temporary folder, and returns the file's path, in it or elsewhere."""


class GgufModel(FolderModel):
    """A GGUF file, identified by its SHA-256, which covers weights and tokenizer."""

    def __init__(self, options: FolderOptions, file: Path) -> None:
        super().__init__(options)
        self.file = file

    def identity(self) -> ModelIdentity:
        """Hashes the file."""
        return ModelIdentity(
            self.file.stem, self._sha256(), self.options.revision, self.options.licence, str(self.file)
        )

    def folder(self) -> Path:
        """The converted checkpoint; the first call converts it."""
        return converted(self.file.stem, self._sha256(), lambda scratch: self.file)

    def here(self) -> Path | None:
        """The converted checkpoint, or None if it does not exist yet."""
        return kept(self.file.stem, self._sha256())

    def check(self) -> None:
        """Raises UserError if the file does not exist."""
        if not self.file.is_file():
            raise UserError(f"{self.file} does not exist", "check `file` of the model")

    def _sha256(self) -> str:
        self.check()
        return sha256_of(self.file)


def converted(name: str, sha256: str, provide: Provide) -> Path:
    """The folder in the cache with the converted checkpoint of a GGUF file; the first call converts it.

    Raises
    ------
    MissingPackageError
        If a package for reading GGUF is not installed.
    UserError
        If transformers cannot read the file.
    StorageError
        If the checkpoint cannot be written.
    """
    if kept(name, sha256) is None:
        _convert(provide, _target(name, sha256), sha256)
    return _target(name, sha256)


def kept(name: str, sha256: str) -> Path | None:
    """The same folder, or None if the checkpoint was not converted yet."""
    target = _target(name, sha256)
    return target if (target / "complete").is_file() else None


def _target(name: str, sha256: str) -> Path:
    return cache_folder() / "models" / f"{name}-{sha256[:12]}"


def _convert(provide: Provide, target: Path, sha256: str) -> None:
    """Write network and tokenizer to `target`, all or nothing."""
    absent = [name for name in PACKAGES if find_spec(name) is None]
    if absent:
        raise MissingPackageError(
            f"{' and '.join(absent)} is needed to read GGUF", f"type: pip install {' '.join(absent)}"
        )
    notice.info("converting %s to safetensors in %s, only once", target.name, target.parent)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _scratch_folder(target) as scratch:
            _write_safetensors(_alone(provide(scratch), scratch / "source"), scratch / "converted")
            (scratch / "converted" / "complete").write_text(f"{sha256}\n", encoding="utf-8")
            shutil.rmtree(target, ignore_errors=True)
            (scratch / "converted").rename(target)
    except (OSError, SafetensorError) as failure:
        raise StorageError(
            f"the converted weights cannot be written to {target}: {failure}",
            "float32 needs 4 bytes for each weight; set LANGGEO_CACHE to use another folder",
        ) from failure


@contextmanager
def _scratch_folder(target: Path) -> Iterator[Path]:
    scratch = Path(mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _alone(file: Path, folder: Path) -> Path:
    """The file in its own folder, because transformers also reads other files of a folder."""
    folder.mkdir()
    try:
        (folder / file.name).symlink_to(file.resolve())
    except OSError:
        shutil.copyfile(file, folder / file.name)
    return folder / file.name


def _write_safetensors(source: Path, target: Path) -> None:
    from safetensors.torch import save_file

    tokenizer, model = _read(source)
    target.mkdir()
    tokenizer.save_pretrained(target)
    # transformers does not save models read from GGUF; dequantised, these are plain float32 tensors.
    del model.config.quantization_config
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(target)
    save_file(
        {name: tensor.contiguous() for name, tensor in model.state_dict().items()},
        target / "model.safetensors",
        metadata={"format": "pt"},
    )


def _read(source: Path) -> tuple[Any, Any]:
    """The tokenizer and the float32 network, with its head if that is not tied to the embeddings."""
    import torch
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    where: dict[str, Any] = {"gguf_file": source.name, "local_files_only": True}
    try:
        tied = AutoConfig.from_pretrained(source.parent, **where).tie_word_embeddings
        kind: Any = AutoModel if tied else AutoModelForCausalLM
        tokenizer = AutoTokenizer.from_pretrained(source.parent, **where)
        return tokenizer, kind.from_pretrained(source.parent, dtype=torch.float32, **where)
    except (ValueError, KeyError, NotImplementedError) as failure:
        raise UserError(
            f"transformers cannot read {source.name}: {str(failure).partition(chr(10))[0]}",
            "it supports GGUF files of some architectures only; use a folder of safetensors instead",
        ) from failure
