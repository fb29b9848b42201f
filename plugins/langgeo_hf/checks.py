"""Checks of checkpoint folders and of a network's input, with messages for the user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES
from transformers.utils import logging

from langgeo_core.api import LanggeoError, UserError
from langgeo_hf.weights import entries, read_json

MOST_COPIES = 10_000
"""No network has more layers, heads or experts; building one of that many would not end."""
COPIES = re.compile(r"(num|n)_.*(layer|block|head|expert|stage)|depth")


@contextmanager
def explained(
    folder: Path,
    hint: str = "it needs a config.json that this version of transformers knows, *.safetensors and a tokenizer",
) -> Iterator[None]:
    """Turn an error of transformers about a folder into a UserError: it raises any kind about a strange config."""
    try:
        with _quietly():
            yield
    except (LanggeoError, MemoryError):
        raise
    except Exception as failure:
        reason = str(failure).strip().partition("\n")[0]
        if not isinstance(failure, OSError | ValueError | ImportError):
            reason = f"{type(failure).__name__}: {reason}"
        raise UserError(f"transformers cannot load {folder}: {reason}", hint) from failure


@contextmanager
def _quietly() -> Iterator[None]:
    """No progress bars and no warnings of transformers."""
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def check_type(folder: Path) -> Any:
    """The configuration of a folder; raises UserError for an encoder-decoder model and for impossible numbers."""
    file = folder / "config.json"
    for name, value in entries(read_json(file)):
        if COPIES.match(name) and isinstance(value, int | float) and abs(value) > MOST_COPIES:
            raise UserError(f"{file}: {name} is {value:,}, and no network has so many", "download config.json again")
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if config.is_encoder_decoder:
        raise UserError(f"{folder} is an encoder-decoder model ({config.model_type})", "use a decoder or an encoder")
    return config


def check_causal(folder: Path) -> None:
    """Check that the model predicts the next token."""
    config = check_type(folder)
    if is_encoder(config):
        raise UserError(
            f"{folder} is of type {config.model_type}, which does not predict the next token",
            "scorers that need a loss work with decoders, such as Llama, Mistral, Gemma or Qwen",
        )


def check_order(folder: Path, model: Any) -> None:
    """Check that no token sees a later one: what the network predicts of it would be what it has read."""
    ids = torch.tensor([[0, 1, 2, 3], [0, 1, 2, 0]])
    with torch.inference_mode():
        first, second = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, :3]
    rounding = torch.finfo(first.dtype).eps ** 0.5 * float(first.abs().max())
    if not torch.allclose(first, second, rtol=0, atol=rounding):
        raise UserError(
            f"{folder}: tokens of {type(model).__name__} see later ones, so it does not predict the next token",
            "scorers that need a loss work with decoders, such as Llama, Mistral, Gemma or Qwen",
        )


def check_length(longest: int, network: nn.Module, arguments: Any, named: dict[str, Any]) -> None:
    """Check, before a network runs, that windows have at most `longest` tokens."""
    ids = named.get("input_ids")
    length = 0 if ids is None else ids.shape[1]
    if length > longest:
        raise UserError(
            f"{type(network).__name__} accepts at most {longest} tokens, including special ones, got {length}",
            f"set calibration.window to {longest - 2} or fewer",
        )


def is_encoder(config: Any) -> bool:
    """Whether the model is an encoder: each token attends to later ones (types trained on masked words)."""
    return config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not getattr(config, "is_decoder", False)
