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

from langgeo_core.api import UserError
from langgeo_hf.checkpoint import Checkpoint, LinearWeights
from langgeo_hf.checks import check_causal, check_length, check_order, check_type, explained, is_encoder

DTYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class FolderTokenizer:
    """A tokenizer without its model; `rows` is the size of the model's table of embeddings, None if unknown."""

    tokenizer: Any
    rows: int | None

    def encode(self, text: str) -> list[int]:
        """Token ids without special tokens; raises UserError if the tokenizer fails or the model has no embedding."""
        try:
            ids: list[int] = self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        except Exception as failure:
            raise UserError(
                f"the tokenizer in {self.tokenizer.name_or_path} fails at a text: {type(failure).__name__}: {failure}",
                "restore its files: tokenizer.json, tokenizer_config.json and those beside them",
            ) from failure
        self.check_ids(ids)
        return ids

    def check_vocabulary(self) -> None:
        """Raise UserError if the model lacks embeddings of ordinary tokens; special ones may never be used."""
        beyond = range(self.rows or 0, self.tokenizer.vocab_size if self.rows else 0)
        self.check_ids([token for token in beyond if token not in self.tokenizer.added_tokens_decoder])

    def check_ids(self, ids: Sequence[int]) -> None:
        """Raise UserError if the model has no embedding of a token."""
        if self.rows is not None and max(ids, default=0) >= self.rows:
            token = self.tokenizer.convert_ids_to_tokens(max(ids))
            raise UserError(
                f"{self.tokenizer.name_or_path}: the tokenizer gives token {max(ids)} ({token!r}), and the network has "
                f"embeddings for {self.rows} tokens",
                "tokenizer and weights belong to different models; download the model again",
            )

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
        tokenizer = FolderTokenizer(_tokenizer(folder), _rows(check_type(folder)))
        tokenizer.check_vocabulary()
    return tokenizer


def load_network(folder: Path, dtype: str, attention: str = "auto") -> Transformer:
    """Load a local folder without its head; nothing is downloaded, and no code of the folder is run.

    Of a multimodal model, the network is the part that reads text.

    Raises
    ------
    UserError
        If transformers cannot read the folder, or the checkpoint does not hold the network's weights.
    """
    model, text = _opened(AutoModel, folder, dtype, attention)
    network = _text_part(model)
    Checkpoint(folder, model, network).fill(DTYPES[dtype])
    return Transformer(text.tokenizer, text.rows, network, *_special_tokens(text, model))


def load_causal(folder: Path, dtype: str, attention: str = "auto") -> CausalTransformer:
    """Load a local folder with its head; linear layers have the same paths in `network` as without the head.

    Raises
    ------
    UserError
        As `load_network`, or if the model does not predict the next token, or the checkpoint has no head.
    """
    with explained(folder):
        check_causal(folder)
    model, text = _opened(AutoModelForCausalLM, folder, dtype, attention)
    Checkpoint(folder, model).fill(DTYPES[dtype])
    check_order(folder, model)
    model.requires_grad_(True)
    network = _text_part(model.base_model)
    return CausalTransformer(text.tokenizer, text.rows, network, *_special_tokens(text, model), model)


def outline(folder: Path, dtype: str, attention: str = "auto") -> nn.Module:
    """The network of a local folder without its weights: parameters are on the meta device.

    Buffers that are computed and not saved, such as the frequencies of rotary positions, have values.

    Raises
    ------
    UserError
        If transformers cannot read the folder's configuration.
    """
    with explained(folder):
        return _text_part(_empty_model(AutoModel, folder, dtype, attention))


def load_streamed(folder: Path, dtype: str, attention: str = "auto") -> StreamedTransformer:
    """Build the network of a local folder with empty layers, and read the weights outside of them.

    Raises
    ------
    UserError
        As `load_network`.
    """
    model, text = _opened(AutoModel, folder, dtype, attention)
    network = _text_part(model)
    checkpoint = Checkpoint(folder, model, network)
    checkpoint.fill_outside_blocks(DTYPES[dtype])
    special = _special_tokens(text, model)
    return StreamedTransformer(text.tokenizer, text.rows, network, *special, checkpoint, DTYPES[dtype])


def linear_weights(folder: Path) -> LinearWeights:
    """Reader of the linear layers of a local folder; raises UserError as `load_network`."""
    with explained(folder):
        model = _empty_model(AutoModel, folder, "float32", "auto")
        network = _text_part(model)
    return LinearWeights(Checkpoint(folder, model, network), network)


def _opened(kind: Any, folder: Path, dtype: str, attention: str) -> tuple[Any, FolderTokenizer]:
    """A model without weights, and its tokenizer."""
    with explained(folder):
        model = _empty_model(kind, folder, dtype, attention)
        return model, FolderTokenizer(_tokenizer(folder), _rows(model.config))


def _empty_model(kind: Any, folder: Path, dtype: str, attention: str) -> Any:
    config = check_type(folder)
    chosen = {} if attention == "auto" else {"attn_implementation": attention}
    with init_empty_weights(include_buffers=False):
        model = kind.from_config(config, dtype=DTYPES[dtype], trust_remote_code=False, **chosen)
    model.config.get_text_config().use_cache = False
    return model.eval().requires_grad_(False)


def _tokenizer(folder: Path) -> Any:
    return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _rows(config: Any) -> int | None:
    rows = getattr(config.get_text_config(), "vocab_size", None)
    return rows if isinstance(rows, int) else None


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


def _special_tokens(text: FolderTokenizer, model: Any) -> tuple[int | None, int | None, int]:
    """The ids of the first and the last token of a window, and of the padding token.

    Padding is hidden from the network: where it has no embedding of the padding token, any other does as well.
    """
    tokenizer = text.tokenizer
    bos = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.cls_token_id
    sep = tokenizer.sep_token_id if is_encoder(model.config) else None
    text.check_vocabulary()
    text.check_ids([token for token in (bos, sep) if token is not None])
    pad = tokenizer.pad_token_id or 0
    return bos, sep, pad if text.rows is None or pad < text.rows else 0
