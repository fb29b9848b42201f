"""Random networks, texts and a tokenizer, small enough for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    PreTrainedTokenizerFast,
)

from langgeo_core.calibration.windows import Windows

VOCABULARY = 64
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "max_position_embeddings": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
GPT2 = {"vocab_size": VOCABULARY, "n_embd": 16, "n_inner": 24, "n_layer": 2, "n_head": 2, "n_positions": 128}
ENCODER = {
    "vocab_size": VOCABULARY,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "type_vocab_size": 2,
}
GEMMA3 = {
    **SHAPE,
    "sliding_window": 8,
    "query_pre_attn_scalar": 8,
    "layer_types": ["sliding_attention", "full_attention"],
}
VISION = {**ENCODER, "num_hidden_layers": 1, "image_size": 16, "patch_size": 8}
del VISION["vocab_size"], VISION["type_vocab_size"]
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": SHAPE,
    "mistral": {**SHAPE, "sliding_window": 8},
    "qwen2": SHAPE,
    "qwen3": SHAPE,
    "gemma3_text": GEMMA3,
    "gemma3": {"text_config": GEMMA3, "vision_config": VISION, "mm_tokens_per_image": 4, "image_token_index": 3},
    "bert": {**ENCODER, "max_position_embeddings": 40, "pad_token_id": 0},
    "xlm-roberta": {**ENCODER, "max_position_embeddings": 41, "pad_token_id": 0},
    "gpt2": {**GPT2, "bos_token_id": 1, "eos_token_id": 2},
    "mixtral": {**SHAPE, "num_local_experts": 4, "num_experts_per_tok": 2},
}
ENCODERS = ("bert", "xlm-roberta")


@contextmanager
def one_thread() -> Iterator[None]:
    """Threads cost more than they save where everything is small, above all on a busy machine."""
    before = torch.get_num_threads(), numba.get_num_threads()
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        numba.set_num_threads(before[1])


def config(family: str) -> Any:
    return AutoConfig.for_model(family, **FAMILIES[family])


def network(family: str = "llama", dtype: torch.dtype = torch.float64, seed: int = 0) -> nn.Module:
    """The network without its head; weights large enough for the layers to differ."""
    torch.manual_seed(seed)
    built: nn.Module = AutoModel.from_config(config(family))
    with torch.no_grad():
        for name, parameter in built.named_parameters():
            if parameter.dim() > 1:
                parameter.normal_(std=0.3, generator=torch.Generator().manual_seed(sum(name.encode()) + seed))
    return built.to(dtype).eval()


@dataclass(frozen=True)
class TinyModel:
    """As a model plugin gives it, with one token a word."""

    network: nn.Module
    bos: int | None = 1
    pad: int = 0

    def encode(self, text: str) -> list[int]:
        return [3 + int(word) % (VOCABULARY - 3) for word in text.split()]


def random_windows(seed: int, *lengths: int) -> Windows:
    """Windows of the given lengths over a vocabulary that depends on the seed, as languages' do."""
    source = np.random.default_rng(seed)
    words = source.choice(np.arange(3, VOCABULARY), size=24, replace=False)
    return Windows(tuple(tuple(int(word) for word in source.choice(words, size=length)) for length in lengths))


class NetworkWeights:
    """The weights of a network's linear layers, as a reader of checkpoints gives them."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def read(self, name: str) -> np.ndarray:
        layer = self.network.get_submodule(name)
        values = layer.weight.detach().to(torch.float32).numpy()
        return values if isinstance(layer, nn.Linear) else np.ascontiguousarray(values.T)


def tokenizer(family: str = "llama") -> PreTrainedTokenizerFast:
    """One token for each of the words w3, w4, …; an encoder's has one that ends its windows."""
    special = {"<pad>": 0, "<s>": 1, "<unk>": 2}
    vocabulary = special | {f"w{place}": place for place in range(3, VOCABULARY)}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    roles = {"cls_token": "<s>", "sep_token": "w63"} if family in ENCODERS else {"bos_token": "<s>"}
    return PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", pad_token="<pad>", **roles)


def save(folder: Path, family: str = "llama", *, head: bool = True, shard: str = "5GB", seed: int = 0) -> Path:
    """A checkpoint folder; `head` for a network that has one, and so a prefix before its tensors' names."""
    torch.manual_seed(seed)
    with_head = AutoModelForMaskedLM if family in ENCODERS else AutoModelForCausalLM
    made = (with_head if head else AutoModel).from_config(config(family))
    made.save_pretrained(folder, max_shard_size=shard)
    tokenizer(family).save_pretrained(folder)
    return folder
