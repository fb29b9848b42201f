"""A GGUF file of a Gemma 3 with two layers and random weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

WORDS = ("<pad>", "<eos>", "<bos>", "<unk>", "▁one", "▁two", "▁", *"onetw")


def write_gguf(
    target: Path,
    head: bool = False,
    without: Collection[str] = (),
    tensors: Mapping[str, np.ndarray] = MappingProxyType({}),
    metadata: Mapping[str, int | str] = MappingProxyType({}),
    size: int = 16,
    stored: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, np.ndarray]:
    """A Gemma 3 of two layers with random weights; returns its linear layers, and a head of its own, by their names.

    Parameters
    ----------
    without : tensors that are left out
    tensors : tensors that are added
    metadata : what is added to the header
    size : hidden size
    stored : formats of linear layers, such as `Q4_K`, by their names; float32 for the others
    """
    gguf = pytest.importorskip("gguf")

    def add(name: str, values: np.ndarray) -> np.ndarray:
        """Add a tensor; returns its values as they are stored."""
        kind = gguf.GGMLQuantizationType[stored.get(name.split(".")[-2], "F32")]
        raw = values if kind.name == "F32" else blocks(kind, values)
        if name not in without:
            writer.add_tensor(name, raw, raw_dtype=kind)
        return values if kind.name == "F32" else gguf.quants.dequantize(raw, kind)

    source = np.random.default_rng(0)
    writer = gguf.GGUFWriter(target, "gemma3")
    writer.add_context_length(64)
    writer.add_embedding_length(size)
    writer.add_block_count(2)
    writer.add_feed_forward_length(24)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_key_length(8)
    writer.add_value_length(8)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_sliding_window(8)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(list(WORDS))
    writer.add_token_scores([-float(place) for place in range(len(WORDS))])
    writer.add_token_types([3, 3, 3, 2] + [1] * (len(WORDS) - 4))
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(1)
    writer.add_unk_token_id(3)
    writer.add_pad_token_id(0)
    shapes = {"attn_q": (16, size), "attn_k": (8, size), "attn_v": (8, size), "attn_output": (size, 16)}
    shapes |= {"ffn_gate": (24, size), "ffn_up": (24, size), "ffn_down": (size, 24)}
    norms = {"attn_norm": size, "post_attention_norm": size, "ffn_norm": size, "post_ffw_norm": size}
    norms |= {"attn_q_norm": 8, "attn_k_norm": 8}
    linears: dict[str, np.ndarray] = {}
    add("token_embd.weight", source.normal(size=(len(WORDS), size)).astype(np.float32))
    add("output_norm.weight", np.ones(size, np.float32))
    if head:
        linears["output"] = add("output.weight", source.normal(size=(len(WORDS), size)).astype(np.float32))
    for layer in range(2):
        for name, shape in shapes.items():
            drawn = source.normal(size=shape).astype(np.float32)
            linears[f"{layer}.{name}"] = add(f"blk.{layer}.{name}.weight", drawn)
        for name, length in norms.items():
            add(f"blk.{layer}.{name}.weight", np.ones(length, np.float32))
    for name, values in tensors.items():
        writer.add_tensor(name, values)
    for key, value in metadata.items():
        (writer.add_string if isinstance(value, str) else writer.add_uint16)(key, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return linears


def blocks(kind: Any, values: np.ndarray) -> np.ndarray:
    """Values in a format of GGUF; random ones in the formats that are only read in Python, which have one scale."""
    import gguf

    if not kind.name.endswith("_K"):
        return np.asarray(gguf.quants.quantize(values, kind))
    block, size = gguf.GGML_QUANT_SIZES[kind]
    raw = np.random.default_rng(1).integers(0, 256, (*values.shape[:-1], values.shape[-1] // block, size), np.uint8)
    scale = np.frombuffer(np.float16(0.01).tobytes(), np.uint8)
    for start in (0, 2) if kind.name in ("Q4_K", "Q5_K") else (size - 2,):
        raw[..., start : start + 2] = scale
    return raw.reshape(*values.shape[:-1], -1)
