"""Forward passes on the processor with less work: oneDNN for linear layers, and attention to what masks leave."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

QUERIES = 128
"""Queries of attention that are read together."""


class ProcessorProducts(TorchFunctionMode):
    """The same linear layers and attention on the processor with less work, for passes without gradients.

    Linear layers of float32 go through oneDNN where torch would take MKL's kernels without AVX-512. Attention reads a
    few queries at a time, and of the keys none that its mask hides from all of them.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        if func is linear and len(args) > 1 and _prefers_onednn() and all(map(_is_usual, args[:2])):
            return torch.ops.mkldnn._linear_pointwise(*args[:2], named.get("bias", *args[2:]), "none", [], "")
        return (_attention if func is scaled_dot_product_attention else func)(*args, **named)


def _is_usual(tensor: torch.Tensor) -> bool:
    return tensor.dtype == torch.float32 and tensor.device.type == "cpu"


@cache
def _prefers_onednn() -> bool:
    """Whether MKL would use half the width of the processor's registers: on AMD's it has no kernels of AVX-512."""
    listing = Path("/proc/cpuinfo")
    facts = set(listing.read_text(encoding="utf-8", errors="replace").split()) if listing.is_file() else set()
    return {"AuthenticAMD", "avx512f"} <= facts and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def _attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    **options: Any,
) -> torch.Tensor:
    """The mask is of shape (..., queries, keys), true where a query sees a key."""
    shape = query.shape[-2], key.shape[-2]
    seen = torch.ones(shape, dtype=torch.bool).tril() if is_causal and attn_mask is None else attn_mask
    parts = query.device.type == "cpu" and shape[0] > QUERIES
    if not parts or seen is None or seen.dtype != torch.bool or seen.shape[-2:] != shape or _sees_all(seen):
        return scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal, **options)
    found = []
    for some, mask in zip(torch.split(query, QUERIES, -2), torch.split(seen, QUERIES, -2), strict=True):
        visible = mask.reshape(-1, shape[1]).any(0).nonzero().flatten().tolist() or [0, shape[1] - 1]
        keys = slice(visible[0], visible[-1] + 1)
        read = some, key[..., keys, :], value[..., keys, :], mask[..., keys]
        found.append(scaled_dot_product_attention(*read, dropout_p, **options))
    return torch.cat(found, -2)


def _sees_all(seen: torch.Tensor) -> bool:
    """Whether the first query sees the last key and the last the first: no keys could be left out."""
    return bool(seen[..., 0, -1].any()) and bool(seen[..., -1, 0].any())
