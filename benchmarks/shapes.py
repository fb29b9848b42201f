"""The three models of the study by their shapes, which registry.yaml holds, for random weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoModel, Gemma3TextConfig, LlamaConfig, MistralConfig, PretrainedConfig

from langgeo_core.api import Layout, ModelShape, WeightMatrix, bundled_catalog
from langgeo_forecast.shapes import block_matrices, facts_of

STUDY = ("mistral-7b", "gemma-3-4b", "llama-3.2-1b")
MODULES = {
    "self_attn.q_proj": "self_attn.q_proj",
    "self_attn.k_proj": "self_attn.q_proj",
    "self_attn.v_proj": "self_attn.q_proj",
    "self_attn.o_proj": "self_attn.o_proj",
    "mlp.gate_proj": "mlp.gate_proj",
    "mlp.up_proj": "mlp.gate_proj",
    "mlp.down_proj": "mlp.down_proj",
}
"""The linear layers of a block in their order, and the first that reads the same input."""


def shape_of(name: str) -> ModelShape:
    """The shape that registry.yaml states of a model."""
    known = facts_of((name,), bundled_catalog())
    assert known is not None
    return known.shape


def layout_of(shape: ModelShape) -> Layout:
    """The layout of such a decoder."""
    return Layout(
        tuple(
            WeightMatrix(f"layers.{layer}.{module}", layer, module, rows, columns, f"layers.{layer}.{fed}")
            for layer in range(shape.layers)
            for (module, fed), (rows, columns) in zip(MODULES.items(), block_matrices(shape), strict=True)
        )
    )


@dataclass(frozen=True)
class RandomModel:
    """Random weights in a shape, and a tokenizer that is never asked."""

    network: Any
    bos: int = 2
    pad: int = 0

    def encode(self, text: str) -> list[int]:
        """One token for each character."""
        return [3 for _ in text]


def random_model(name: str, shape: ModelShape, dtype: torch.dtype, device: torch.device) -> RandomModel:
    """A network of the family that a model of the study belongs to, made on the device in the dtype."""
    config = _config(name, shape)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with device:
            network = AutoModel.from_config(config)
    finally:
        torch.set_default_dtype(before)
    return RandomModel(network.eval())


def _config(name: str, shape: ModelShape) -> PretrainedConfig:
    common: dict[str, Any] = {
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_dim,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": 8192,
        "use_cache": False,
    }
    if name.startswith("gemma"):
        return Gemma3TextConfig(**common, query_pre_attn_scalar=shape.head_dim, sliding_window=1024)
    if name.startswith("mistral"):
        return MistralConfig(**common, sliding_window=4096)
    return LlamaConfig(**common)


MISTRAL = shape_of("mistral-7b")
