"""A transformers network and its tokenizer in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from langgeo_core.api import UserError

DTYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Transformer:
    """What calibration needs of a model."""

    network: nn.Module
    tokenizer: Any
    bos: int | None
    pad: int

    def encode(self, text: str) -> list[int]:
        """Token ids without special tokens."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return ids


def load_network(folder: Path, dtype: str) -> Transformer:
    """Load a local folder; nothing is downloaded, and no code of the folder runs.

    Raises
    ------
    UserError
        If transformers cannot read the folder, or the checkpoint lacks weights of the network.
    """
    try:
        with _quietly():
            tokenizer, model, report = _from_folder(folder, dtype)
    except (OSError, ValueError) as failure:
        reason = str(failure).strip().partition("\n")[0]
        raise UserError(
            f"transformers cannot load {folder}: {reason}",
            "the folder needs a config.json of a known model type, *.safetensors and a tokenizer",
        ) from failure
    _check_complete(folder, report["missing_keys"])
    model.config.use_cache = False
    bos = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.cls_token_id
    return Transformer(model.eval(), tokenizer, bos, tokenizer.pad_token_id or 0)


def _from_folder(folder: Path, dtype: str) -> tuple[Any, Any, Any]:
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    model, report = AutoModel.from_pretrained(
        folder,
        dtype=DTYPES[dtype],
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        output_loading_info=True,
    )
    return tokenizer, model, report


@contextmanager
def _quietly() -> Iterator[None]:
    """No bar for a load of seconds, and no table of the head's weights, which are left out on purpose."""
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _check_complete(folder: Path, missing: Iterable[str]) -> None:
    """Refuse what transformers would fill with random numbers; a pooler comes after all that is measured."""
    needed = sorted(name for name in missing if not name.startswith("pooler."))
    if needed:
        raise UserError(
            f"{folder} lacks {len(needed)} weights of the network: {', '.join(needed[:3])}",
            "the checkpoint is incomplete or of another model; fetch it again",
        )
