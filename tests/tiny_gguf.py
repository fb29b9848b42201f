"""A GGUF file of a Gemma 3 with two layers and random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

WORDS = ("<pad>", "<eos>", "<bos>", "<unk>", "▁one", "▁two", "▁", *"onetw")


def write_gguf(target: Path, head: bool = False) -> dict[str, np.ndarray]:
    """A Gemma 3 of two layers with random weights; returns its linear layers, and a head of its own, by their names."""
    gguf = pytest.importorskip("gguf")
    source = np.random.default_rng(0)
    writer = gguf.GGUFWriter(target, "gemma3")
    writer.add_context_length(64)
    writer.add_embedding_length(16)
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
    shapes = {"attn_q": (16, 16), "attn_k": (8, 16), "attn_v": (8, 16), "attn_output": (16, 16)}
    shapes |= {"ffn_gate": (24, 16), "ffn_up": (24, 16), "ffn_down": (16, 24)}
    norms = {"attn_norm": 16, "post_attention_norm": 16, "ffn_norm": 16, "post_ffw_norm": 16}
    norms |= {"attn_q_norm": 8, "attn_k_norm": 8}
    linears: dict[str, np.ndarray] = {}
    writer.add_tensor("token_embd.weight", source.normal(size=(len(WORDS), 16)).astype(np.float32))
    writer.add_tensor("output_norm.weight", np.ones(16, np.float32))
    if head:
        linears["output"] = source.normal(size=(len(WORDS), 16)).astype(np.float32)
        writer.add_tensor("output.weight", linears["output"])
    for layer in range(2):
        for name, shape in shapes.items():
            linears[f"{layer}.{name}"] = source.normal(size=shape).astype(np.float32)
            writer.add_tensor(f"blk.{layer}.{name}.weight", linears[f"{layer}.{name}"])
        for name, size in norms.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(size, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return linears
