"""Small random checkpoints of any architecture of transformers, from its default configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from tiny_models import VOCABULARY, tokenizer
from transformers import AutoModel
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

ARCHITECTURES: tuple[str, ...] = tuple(sorted(MODEL_MAPPING_NAMES))
MOST_WEIGHTS = 3_000_000

SIZES = {
    r"vocab_size|n_vocab|vocabulary_size|vocab_size_per_layer_input": VOCABULARY,
    r"max_position_embeddings|n_positions|n_ctx|max_(sequence_length|seq_len)|context_length|seq_length": 128,
    r"max_(source|target)_positions|model_max_length": 128,
    r"(\w+_)?head_dim|d_head|d_kv|attention_head_size|kv_channels": 8,
    r"qk_nope_head_dim|qk_rope_head_dim": 4,
    r"(q|kv)_lora_rank|state_size|mamba_d_state|ssm_state_size|time_step_rank": 8,
    r"\w*(intermediate_size|ffn_dim|inner_dim|d_ff|n_inner|d_inner|ffn_hidden\w*|dim_ff|mlp_dim|ffn_embed\w*)": 24,
    r"hidden_dim|\w*_hidden_dim": 24,
    r"hidden_size\w*|d_model|n_embd|dim|embed_dim|emb_dim|embedding_(size|dim)|model_dim|width|projection_dim": 16,
    r"attention_hidden_size|pooler_hidden_size|out_hidden_size|word_embed_proj_dim|true_hidden_size|lru_width": 16,
    r"num_hidden_layers|n_layers?|num_layers|depth|(num_|n_)?(en|de)coder_layers": 2,
    r"\w*num_(key_value|attention|kv)_heads|n_heads?|num_heads|n_head_kv|\w*attention_heads|linear_num_\w+_heads": 2,
    r"mamba_n_heads": 4,
    r"num_local_experts|num_experts|n_routed_experts|moe_num_experts|num_routed_experts": 4,
    r"num_experts_per_tok|num_experts_per_token|top_k|moe_k|moe_topk|num_selected_experts|topk_group|n_group": 2,
    r"sliding_window|attention_window|local_attention|window_size|attention_chunk_size": 8,
    r"image_size": 16,
    r"patch_size": 8,
    r"bos_token_id|decoder_start_token_id|cls_token_id": 1,
    r"eos_token_id|sep_token_id": 2,
    r"pad_token_id": 0,
    r"\w*(image|video|audio|vision)_token_(id|index)": VOCABULARY - 4,
}
"""Names of settings, and what small checkpoints have there."""
SPECIAL: dict[str, dict[str, Any]] = {
    "reformer": {"axial_pos_shape": [8, 16], "axial_pos_embds_dim": [8, 8], "attn_layers": ["local", "lsh"]},
    "xmod": {"languages": ["en_XX"], "default_language": "en_XX"},
    "xlm": {"emb_dim": 16},
    "codegen": {"n_head": 4, "rotary_dim": 4},
    "gptj": {"rotary_dim": 4},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "rwkv": {"attention_hidden_size": 16},
    "mobilebert": {"true_hidden_size": 8, "intra_bottleneck_size": 8, "embedding_size": 16},
}
"""Settings of single architectures that belong together."""


def small_config(kind: Any) -> Any:
    """A configuration of a class of transformers with small sizes; raises what the class raises."""
    base = kind()
    values: dict[str, Any] = {}
    for name, value in base.to_dict().items():
        inner = getattr(base, name, None)
        if name in (getattr(kind, "sub_configs", None) or {}):
            if inner is not None:
                values[name] = small_config(type(inner)).to_dict()
        elif name in ("layer_types", "layers_block_type", "mlp_layer_types", "block_types") and value:
            kinds = list(dict.fromkeys(value))
            values[name] = (kinds * 2)[:2]
        elif name == "rope_parameters" and isinstance(value, dict):
            sections = "mrope_section" in getattr(kind, "ignore_keys_at_rope_validation", ())
            values[name] = {**value, "mrope_section": [1, 1, 2]} if sections else value
        elif name in SPECIAL.get(kind.model_type, {}):
            values[name] = SPECIAL[kind.model_type][name]
        else:
            size = next((size for names, size in SIZES.items() if re.fullmatch(names, name)), None)
            if size is None or isinstance(value, bool) or (value is None and name != "pad_token_id") or value == 0:
                continue
            if isinstance(value, list | tuple):
                values[name] = [size] * min(2, len(value))
            elif isinstance(value, int) or value is None:
                values[name] = size
    return kind(**values)


def reads_text(architecture: str) -> bool:
    """Whether the architecture has a vocabulary."""
    config = CONFIG_MAPPING[architecture]()
    return isinstance(getattr(config.get_text_config(), "vocab_size", None), int)


def save_small(architecture: str, folder: Path) -> Path:
    """A checkpoint folder with the tokenizer of the other small models; raises what transformers raises."""
    config = small_config(CONFIG_MAPPING[architecture])
    with torch.device("meta"):
        weights = sum(values.numel() for values in AutoModel.from_config(config).parameters())
    if weights > MOST_WEIGHTS:
        raise ValueError(f"{weights:,} weights")
    torch.manual_seed(0)
    model = AutoModel.from_config(config)
    with torch.no_grad():
        for values in model.parameters():
            if values.dim() > 1:
                values.normal_(std=0.2)
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder
