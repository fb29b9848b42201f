"""A transformers network and its tokenizer in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from torch import nn
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer

from langgeo_hf.checks import check_causal, check_complete, check_head, check_length, check_type, explained, is_encoder
from langgeo_hf.streaming import Checkpoint

DTYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class FolderTokenizer:
    """A tokenizer without its model."""

    tokenizer: Any

    def encode(self, text: str) -> list[int]:
        """Token ids without special tokens."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return ids

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens; incomplete characters are left out."""
        text: str = self.tokenizer.decode(list(tokens), clean_up_tokenization_spaces=False)
        return text.replace("\ufffd", "")


@dataclass(frozen=True)
class Transformer(FolderTokenizer):
    """A model for calibration; `sep` ends each window of an encoder."""

    network: nn.Module
    bos: int | None
    sep: int | None
    pad: int


@dataclass(frozen=True)
class CausalTransformer(Transformer):
    """A model with its head: `causal` runs `network` and returns logits."""

    causal: nn.Module


@dataclass(frozen=True)
class StreamedTransformer(Transformer):
    """A model with empty layers; their weights are read from `checkpoint`."""

    checkpoint: Checkpoint
    dtype: torch.dtype

    def block(self, path: str) -> Mapping[str, torch.Tensor]:
        """The state of one layer, with names relative to `path`; raises UserError if the checkpoint lacks parts."""
        names = self.network.get_submodule(path).state_dict()
        return self.checkpoint.read({name: f"{path}.{name}" for name in names}, self.dtype)


def load_tokenizer(folder: Path) -> FolderTokenizer:
    """The tokenizer of a local folder; raises UserError if there is none."""
    with explained(folder):
        return FolderTokenizer(_tokenizer(folder))


def load_network(folder: Path, dtype: str, attention: str = "auto") -> Transformer:
    """Load a local folder without its head; nothing is downloaded, and no code of the folder is run.

    Of a multimodal model, the network is the part that reads text.

    Raises
    ------
    UserError
        If transformers cannot read the folder, or the checkpoint lacks weights of the network.
    """
    with explained(folder):
        check_type(folder)
        model, missing = _from_folder(AutoModel, folder, dtype, attention)
        tokenizer = _tokenizer(folder)
    check_complete(folder, missing)
    return Transformer(tokenizer, _text_part(model), *_special_tokens(tokenizer, model))


def load_causal(folder: Path, dtype: str, attention: str = "auto") -> CausalTransformer:
    """Load a local folder with its head; linear layers have the same paths in `network` as without the head.

    Raises
    ------
    UserError
        As `load_network`, or if the model does not predict the next token, or the checkpoint has no head.
    """
    with explained(folder):
        check_causal(folder)
        model, missing = _from_folder(AutoModelForCausalLM, folder, dtype, attention)
        tokenizer = _tokenizer(folder)
    check_head(folder, model, missing)
    check_complete(folder, missing)
    return CausalTransformer(tokenizer, _text_part(model.base_model), *_special_tokens(tokenizer, model), model)


def outline(folder: Path, dtype: str, attention: str = "auto") -> nn.Module:
    """The network of a local folder without its weights: parameters are on the meta device.

    Buffers that are computed and not saved, such as the frequencies of rotary positions, have values.

    Raises
    ------
    UserError
        If transformers cannot read the folder's configuration.
    """
    with explained(folder):
        return _text_part(_empty_model(folder, dtype, attention))


def load_streamed(folder: Path, dtype: str, attention: str = "auto") -> StreamedTransformer:
    """Build the network of a local folder with empty layers, and read the weights outside of them.

    Raises
    ------
    UserError
        As `load_network`, or if the checkpoint's tensor names differ from the network's.
    """
    with explained(folder):
        model = _empty_model(folder, dtype, attention)
        tokenizer = _tokenizer(folder)
    network = _text_part(model)
    checkpoint = Checkpoint(folder, network)
    network.load_state_dict(checkpoint.read_outside_blocks(network, DTYPES[dtype]), assign=True, strict=False)
    return StreamedTransformer(
        tokenizer, network, *_special_tokens(tokenizer, model), checkpoint=checkpoint, dtype=DTYPES[dtype]
    )


def _empty_model(folder: Path, dtype: str, attention: str) -> Any:
    config = check_type(folder)
    chosen = {} if attention == "auto" else {"attn_implementation": attention}
    with init_empty_weights(include_buffers=False):
        model = AutoModel.from_config(config, dtype=DTYPES[dtype], trust_remote_code=False, **chosen)
    model.config.get_text_config().use_cache = False
    return model.eval().requires_grad_(False)


def _tokenizer(folder: Path) -> Any:
    return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _from_folder(kind: Any, folder: Path, dtype: str, attention: str) -> tuple[Any, set[str]]:
    """The model in evaluation mode, and the names of weights missing in the checkpoint."""
    model, report = kind.from_pretrained(
        folder,
        dtype=DTYPES[dtype],
        attn_implementation=None if attention == "auto" else attention,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        output_loading_info=True,
    )
    model.config.get_text_config().use_cache = False
    return model.eval(), set(report["missing_keys"])


def _text_part(model: Any) -> nn.Module:
    """The part of a network that reads text, with a check that windows are not too long for it."""
    composite = model.config.get_text_config() is not model.config
    part: nn.Module = model.get_decoder() if composite else model
    longest = _longest(part)
    if longest is not None:
        part.register_forward_pre_hook(partial(check_length, longest), with_kwargs=True)
    return part


def _longest(network: Any) -> int | None:
    """The maximum number of tokens: the positions, without those that RoBERTa-like models reserve."""
    positions = getattr(network.config, "max_position_embeddings", None)
    table = getattr(getattr(network, "embeddings", None), "position_embeddings", None)
    aside = getattr(table, "padding_idx", None)
    return positions if positions is None or aside is None else positions - aside - 1


def _special_tokens(tokenizer: Any, model: Any) -> tuple[int | None, int | None, int]:
    """The ids of the first and the last token of a window, and of the padding token."""
    bos = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.cls_token_id
    return bos, tokenizer.sep_token_id if is_encoder(model.config) else None, tokenizer.pad_token_id or 0
