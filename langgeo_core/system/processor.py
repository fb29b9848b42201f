"""What the processor can do, how forward passes run on it, and which number format it multiplies fastest."""

from __future__ import annotations

import timeit
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from langgeo_core.system.files import cache_folder, digest, read_text, write_text
from langgeo_core.system.locks import locking

if TYPE_CHECKING:
    import torch

FASTER = 1.5
"""bfloat16 is taken where its products are this many times faster than those of float32."""


def capabilities() -> Mapping[str, Any]:
    """What torch says that the processor can do; nothing where it does not say."""
    import torch

    return getattr(torch.cpu, "get_capabilities", dict)()


@contextmanager
def inference() -> Iterator[None]:
    """No gradients, and `ProcessorProducts`; without those where a CUDA device may be what runs the network."""
    import torch

    from langgeo_core.system.products import ProcessorProducts

    with torch.inference_mode(), nullcontext() if torch.cuda.is_available() else ProcessorProducts():
        yield


@cache
def number_format(device: str) -> str:
    """`bfloat16` on a CUDA device and on a processor that multiplies it faster than float32, else `float32`.

    A processor with instructions for bfloat16 is measured once, in less than a second. What was found is kept in the
    cache folder, so that a config has the same meaning in every run on a machine.
    """
    import torch

    if device.startswith("cuda") or (device == "auto" and torch.cuda.is_available()):
        return "bfloat16"
    able = capabilities()
    if not any(able.get(one) for one in ("amx_bf16", "avx512_bf16", "bf16")):
        return "float32"
    file = cache_folder() / f"processor-{digest([able.get('cpu_name'), torch.__version__])[:12]}.txt"
    with nullcontext() if file.is_file() else locking(file.with_suffix(".lock"), wait=True):
        if not file.is_file():
            ratio = _seconds(torch.float32) / _seconds(torch.bfloat16)
            write_text(file, "bfloat16" if ratio > FASTER else "float32")
    return "bfloat16" if read_text(file).strip() == "bfloat16" else "float32"


def _seconds(dtype: torch.dtype) -> float:
    """Of the fastest of six linear layers of 1,024 features, for as many tokens."""
    import torch
    from torch.nn.functional import linear

    left = torch.randn((1024, 1024)).to(dtype)
    with inference():
        return min(timeit.repeat(lambda: linear(left, left), number=1, repeat=6))
