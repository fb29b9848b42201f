"""What can be wrong with a checkpoint folder or with what a network is given, said so that a user can mend it."""

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
    """What transformers says of a folder that it cannot read, as one sentence."""
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
    """No bar for a load of seconds, and no table of the head's weights, which are left out on purpose."""
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def check_type(folder: Path) -> Any:
    """The configuration of a folder; raises UserError for an encoder with a decoder."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if config.is_encoder_decoder:
        raise UserError(
            f"{folder} is of type {config.model_type}, an encoder with a decoder", "langgeo reads one or the other"
        )
    return config


def check_causal(folder: Path) -> None:
    """Refuse models that do not predict the next token."""
    config = check_type(folder)
    if is_encoder(config):
        raise UserError(
            f"{folder} is of type {config.model_type}, which does not predict the next token",
            "scorers that need a loss take decoders, such as Llama, Mistral, Gemma or Qwen",
        )


def check_head(folder: Path, model: Any, missing: set[str]) -> None:
    """Refuse a head of random numbers; one that is the table of embeddings is never missing."""
    head = model.get_output_embeddings()
    names = {f"{name}.weight" for name, module in model.named_modules() if module is head}
    if missing & names:
        raise UserError(
            f"{folder} has no head: it lacks {', '.join(sorted(missing & names))}",
            "scorers that need a loss take a checkpoint that was saved with its head",
        )


def check_complete(folder: Path, missing: Iterable[str]) -> None:
    """Refuse what transformers would fill with random numbers; a pooler comes after all that is measured."""
    needed = sorted(name for name in missing if not name.startswith("pooler."))
    if needed:
        raise UserError(
            f"{folder} lacks {len(needed)} weights of the network: {', '.join(needed[:3])}",
            "the checkpoint is incomplete or of another model; fetch it again",
        )


def check_length(longest: int, network: nn.Module, arguments: Any, named: dict[str, Any]) -> None:
    """Refuse, before a network runs, windows of more than `longest` tokens."""
    ids = named.get("input_ids")
    length = 0 if ids is None else ids.shape[1]
    if length > longest:
        raise UserError(
            f"{type(network).__name__} was made for {longest} tokens at once, special ones included, got {length}",
            f"set calibration.window to {longest - 2} or fewer",
        )


def is_encoder(config: Any) -> bool:
    """Whether every token sees those after it: the types that are trained on masked words."""
    return config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not config.is_decoder
