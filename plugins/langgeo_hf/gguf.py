"""A model in one GGUF file, converted once to float32 safetensors in the cache."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgeo_core.api import MissingPackageError, ModelIdentity, UserError, cache_folder
from langgeo_hf.digests import sha256_of
from langgeo_hf.folder import FolderModel
from langgeo_hf.gguf_checks import check_conversion, check_gguf, check_magic
from langgeo_hf.made import is_made, made_once
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

    def tokenizer_here(self) -> None:
        """Unknown: the file would have to be hashed to find its checkpoint."""

    def check(self) -> None:
        """Raises UserError if the file does not exist or does not begin as GGUF."""
        if not self.file.is_file():
            raise UserError(f"{self.file} does not exist", "check `file` of the model")
        check_magic(self.file)

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
        If the file is not whole, or transformers cannot read all of it.
    StorageError
        If the checkpoint cannot be written.
    """
    return made_once(_folder_name(name, sha256), lambda target: _convert(provide, target))


def kept(name: str, sha256: str) -> Path | None:
    """The same folder, or None if the checkpoint was not converted yet; reads no weights."""
    folder = _folder_name(name, sha256)
    return cache_folder() / "models" / folder if is_made(folder) else None


def _folder_name(name: str, sha256: str) -> str:
    return f"{name}-{sha256[:12]}"


def _convert(provide: Provide, target: Path) -> None:
    """Write network and tokenizer into a folder."""
    absent = [name for name in PACKAGES if find_spec(name) is None]
    if absent:
        raise MissingPackageError(
            f"{' and '.join(absent)} is needed to read GGUF", f"type: pip install {' '.join(absent)}"
        )
    with TemporaryDirectory(dir=target) as scratch, _headers_parsed_once():
        file = provide(Path(scratch))
        check_gguf(file)
        notice.info("converting %s to safetensors in %s, only once", file.name, target.parent)
        _write_safetensors(file, _alone(file, Path(scratch) / "source"), target)


@contextmanager
def _headers_parsed_once() -> Iterator[None]:
    """Let transformers parse the header of a GGUF file once, and show no progress over that of the run.

    It does so for the config, for the tokenizer and for the weights, and makes the table of tensor names for every
    module of the network: most of the time of a conversion. What is made is only read.
    """
    import gguf
    from transformers import modeling_gguf_pytorch_utils as reading

    reader, name_map, bar = gguf.GGUFReader, gguf.get_tensor_name_map, reading.tqdm
    parsed = cache(reader)
    gguf.GGUFReader = lambda path, *mode: parsed(str(Path(path).resolve()), *mode)
    gguf.get_tensor_name_map = cache(name_map)
    reading.tqdm = partial(bar, disable=True)
    try:
        yield
    finally:
        gguf.GGUFReader, gguf.get_tensor_name_map, reading.tqdm = reader, name_map, bar


def _alone(file: Path, folder: Path) -> Path:
    """The file in its own folder, because transformers also reads other files of a folder."""
    folder.mkdir()
    try:
        (folder / file.name).symlink_to(file.resolve())
    except OSError:
        shutil.copyfile(file, folder / file.name)
    return folder / file.name


def _write_safetensors(file: Path, source: Path, target: Path) -> None:
    from safetensors.torch import save_file

    tokenizer, model = _read(file, source)
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


def _read(file: Path, source: Path) -> tuple[Any, Any]:
    """The tokenizer and the float32 network, with its head if that is not tied to the embeddings.

    `source` is a link to `file`, which messages name.
    """
    import torch
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    from langgeo_hf.checks import explained

    disable_progress_bar()
    where: dict[str, Any] = {"gguf_file": source.name, "local_files_only": True}
    with explained(file, "only GGUF files of some architectures are supported; use a folder of safetensors instead"):
        tied = AutoConfig.from_pretrained(source.parent, **where).tie_word_embeddings
        kind: Any = AutoModel if tied else AutoModelForCausalLM
        tokenizer = AutoTokenizer.from_pretrained(source.parent, **where)
        model, report = kind.from_pretrained(
            source.parent, dtype=torch.float32, output_loading_info=True, ignore_mismatched_sizes=True, **where
        )
        check_conversion(file, model, report)
    return tokenizer, model
