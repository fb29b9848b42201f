"""The plain way, to compare with: what one writes after reading SparseGPT's code and the paper.

Every linear layer has a hook and a float32 Gram matrix of its own; the model computes its logits; H is factorised,
inverted in full and factorised again, which gives both diagonals; the scores of every layer are written out in
float32. All threads work on one operation at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from langgeo_core.contract.protocols import LoadedModel

Grams = dict[str, torch.Tensor]


def calibrate(
    model: LoadedModel,
    linears: dict[str, nn.Linear],
    windows: Sequence[Sequence[int]],
    damping: float,
    logits: bool = True,
) -> dict[str, torch.Tensor]:
    """The scores w²/[H⁻¹]_jj of every linear layer for one language, a window at a time, in float32.

    U_jj² is made as well, as in SparseGPT's code and as langgeo does, and left at that.
    """
    grams = {name: _empty(linear) for name, linear in linears.items()}
    hooks = [linear.register_forward_hook(partial(_add, grams[name])) for name, linear in linears.items()]
    with torch.inference_mode():
        for window in windows:
            _forward(model, window, logits)
        for hook in hooks:
            hook.remove()
        tokens = sum(map(len, windows))
        return {
            name: linear.weight.float().square() / diagonals(grams[name], tokens, damping)[0]
            for name, linear in linears.items()
        }


def _empty(linear: nn.Linear) -> torch.Tensor:
    return torch.zeros(linear.in_features, linear.in_features, device=linear.weight.device)


def _add(gram: torch.Tensor, linear: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
    """XᵀX of one window; the row of the leading special token stays out, as in langgeo."""
    rows = inputs[0].reshape(-1, inputs[0].shape[-1])[1:].float()
    gram.addmm_(rows.T, rows)


def _forward(model: LoadedModel, window: Sequence[int], logits: bool) -> torch.Tensor:
    """A whole forward pass of the language model; Gemma's output matrix is its input embedding."""
    embedding = model.network.get_input_embeddings().weight  # type: ignore[operator]
    ids = torch.tensor([[model.bos or 0, *window]], device=embedding.device)
    hidden: torch.Tensor = model.network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    return hidden @ embedding.T if logits else hidden


def diagonals(gram: torch.Tensor, tokens: int, damping: float) -> tuple[torch.Tensor, torch.Tensor]:
    """diag(H⁻¹) by inverting H, and U_jj² of the inverse's upper factor: the three steps of SparseGPT's code."""
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped(gram, tokens, damping)))
    return inverse.diagonal(), torch.linalg.cholesky(inverse, upper=True).diagonal().square()


def damped(gram: torch.Tensor, tokens: int, damping: float) -> torch.Tensor:
    """H = XᵀX / tokens + λI, with λ a share of the mean diagonal of the live features."""
    h = gram / tokens
    diagonal = h.diagonal()
    diagonal += damping * diagonal[diagonal > 0].mean()
    return h


def differing_bits(languages: Iterable[Iterable[NDArray[np.float32]]]) -> NDArray[np.int64]:
    """All pairs of languages by XOR and popcount in numpy, from the scores of each matrix of each language."""
    return popcounts(np.stack([pack(matrices) for matrices in languages]))


def pack(matrices: Iterable[NDArray[np.float32]]) -> NDArray[np.uint8]:
    """One language's kept weights as bits: the scores of each matrix above their median."""
    return np.concatenate([np.packbits(scores > np.median(scores)) for scores in matrices])


def popcounts(bits: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(n, n) differing bits of the rows of (n, bytes), 64 bits at a time."""
    words = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(np.uint64)
    sums = np.zeros((len(words), len(words)), dtype=np.int64)
    for first in range(len(words)):
        for second in range(first):
            sums[first, second] = np.bitwise_count(words[first] ^ words[second]).sum(dtype=np.int64)
    return sums + sums.T
