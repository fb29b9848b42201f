"""Checks of checkpoint folders and of a network's input, with messages for the user."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn
from transformers import AutoConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES
from transformers.utils import logging

from langgeo_core.api import UserError


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn an error of transformers about a folder into a UserError."""
    try:
        with _quietly():
            yield
    except (OSError, ValueError) as failure:
        reason = str(failure).strip().partition("\n")[0]
        raise UserError(
            f"transformers cannot load {folder}: {reason}",
            "the folder needs a config.json of a known model type, *.safetensors and a tokenizer",
        ) from failure


@contextmanager
def _quietly() -> Iterator[None]:
    """No progress bar, and no warning about the weights of the head, which are not loaded on purpose."""
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def check_type(folder: Path) -> Any:
    """The configuration of a folder; raises UserError for an encoder-decoder model."""
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


def check_head(folder: Path, model: Any, missing: set[str]) -> None:
    """Check that the head was loaded, not randomly initialised; a head tied to the embeddings is never missing."""
    head = model.get_output_embeddings()
    names = {f"{name}.weight" for name, module in model.named_modules() if module is head}
    if missing & names:
        raise UserError(
            f"{folder} has no output head: it lacks {', '.join(sorted(missing & names))}",
            "scorers that need a loss need a checkpoint saved with its head",
        )


def check_complete(folder: Path, missing: Iterable[str]) -> None:
    """Check that no needed weight is randomly initialised; the pooler comes after all measured layers."""
    needed = sorted(name for name in missing if not name.startswith("pooler."))
    if needed:
        raise UserError(
            f"{folder} lacks {len(needed)} weights of the network: {', '.join(needed[:3])}",
            "the checkpoint is incomplete or belongs to another model; download it again",
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
    return config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not config.is_decoder
