"""The size of a network from its config.json, without importing transformers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from langgeo_core.api import ModelShape, UserError
from langgeo_hf.weights import read_json

NAMES = {
    "layers": ("num_hidden_layers", "n_layer"),
    "hidden": ("hidden_size", "n_embd"),
    "heads": ("num_attention_heads", "n_head"),
    "vocabulary": ("vocab_size",),
}
GATED = ("llama", "mistral", "gemma", "qwen", "smollm", "olmo", "cohere", "granite", "phi3", "apertus")
"""Prefixes of model types with three feed-forward matrices."""
EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts")


def read_shape(folder: Path) -> ModelShape | None:
    """The shape of the part that reads text; None if config.json does not state it, or for a mixture of experts."""
    try:
        whole = read_json(folder / "config.json")
        config = {**whole, **whole.get("text_config", {})}
        return None if any(config.get(name) for name in EXPERTS) else _shape(config)
    except (UserError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _shape(config: Mapping[str, Any]) -> ModelShape:
    found = {name: int(config[next((key for key in keys if key in config), keys[0])]) for name, keys in NAMES.items()}
    kind = str(config.get("model_type", ""))
    return ModelShape(
        **found,
        intermediate=int(config.get("intermediate_size") or config.get("n_inner") or 4 * found["hidden"]),
        kv_heads=int(config.get("num_key_value_heads") or found["heads"]),
        head_dim=int(config.get("head_dim") or found["hidden"] // found["heads"]),
        tied=bool(config.get("tie_word_embeddings", kind.startswith(("gemma", "gpt2", "bert", "xlm")))),
        gated=kind.startswith(GATED),
    )
