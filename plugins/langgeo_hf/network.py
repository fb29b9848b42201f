"""A transformers network and its tokenizer in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

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
    """Load a local folder; nothing is downloaded, and no code of the folder runs."""
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    model = AutoModel.from_pretrained(
        folder, dtype=DTYPES[dtype], local_files_only=True, trust_remote_code=False, use_safetensors=True
    )
    model.config.use_cache = False
    bos = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.cls_token_id
    return Transformer(model.eval(), tokenizer, bos, tokenizer.pad_token_id or 0)
