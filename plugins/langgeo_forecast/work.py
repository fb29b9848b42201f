"""How much there is to compute, in floating-point operations and in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.types import ModelShape
from langgeo_forecast.sizes import ITEMSIZE, block_inputs, block_weights, linear_weights, network_weights

# Shares of the rate of a matrix product at which each kind of work is done: measured on Gemma 3 270M on one core.
FORWARD, ATTENTION, GRAM, INVERSE = 0.9, 0.6, 0.8, 0.6
ELEMENT = 350.0
"""What a number costs that a norm, a rotation or a copy touches, in operations of a matrix product; measured so too."""
ROWS = 10, 4
"""How often a hidden state and an intermediate one are touched in a block beside the products."""

START = 10.0
"""Seconds until a model begins to be loaded."""
READING = 5e8
"""Bytes a second at which weights are read into memory."""
CONVERTING = 50.0
"""Seconds for each 10⁹ bytes of a model that is converted once."""
COMPARING = 6e-8
"""Seconds to sort and count a weight of one model and corpus, with two threads, over a hundred languages."""
PASSES = {"row": 4, "matrix": 1, "layer": 1, "global": 2}
"""How often as long each scope of a threshold takes."""

TOKENS_A_UNIT = {"tokens": 1.0, "characters": 0.35, "bytes": 0.25, "lines": 20.0}
"""A rough number of tokens for each unit that a config may count."""


@dataclass(frozen=True)
class Work:
    """Operations for one cell: of its forward pass, of the sums over its tokens, and of what is made of the sums once.

    The first are in the number format of the forward pass, the others in that of the sums.
    """

    forward: float
    sums: float
    reduction: float = 0.0


def cell_tokens(settings: CalibrationSettings) -> int:
    """Tokens of a cell, at most."""
    return round(settings.tokens * TOKENS_A_UNIT[settings.unit])


def window_tokens(settings: CalibrationSettings) -> int:
    """Tokens of a window, at most."""
    return min(cell_tokens(settings), round(settings.window * TOKENS_A_UNIT[settings.unit]))


def cell_work(shape: ModelShape, settings: CalibrationSettings) -> Work:
    """What one cell of separable scorers takes, divided by the share of a product's rate at which it is done.

    The forward pass 2 · tokens · weights, attention 4 · tokens · window · heads · head_dim, Gram matrices half of
    2 · tokens · Σ n², their factors and inverses ⅔ · Σ n³.
    """
    tokens, window = cell_tokens(settings), window_tokens(settings)
    widths, wide = block_inputs(shape), shape.heads * shape.head_dim
    touched = tokens * (ROWS[0] * shape.hidden + ROWS[1] * shape.intermediate)
    forward = 2 * tokens * block_weights(shape) / FORWARD + 4 * tokens * window * wide / ATTENTION + ELEMENT * touched
    sums = tokens * sum(n**2 for n in widths) / GRAM
    reduction = 2 / 3 * sum(float(n) ** 3 for n in widths) / INVERSE
    return Work(shape.layers * forward, shape.layers * sums, shape.layers * reduction)


def gradient_work(shape: ModelShape, settings: CalibrationSettings) -> Work:
    """What one cell of a scorer that needs a loss takes: forwards, back, logits, and a product for every weight."""
    tokens = cell_tokens(settings)
    passes = 2 * cell_work(shape, settings).forward + 4 * tokens * shape.vocabulary * shape.hidden / FORWARD
    return Work(passes, 2 * tokens * linear_weights(shape) / GRAM)


def loading_seconds(shape: ModelShape, dtype: str, converted: bool, readings: int = 1) -> float:
    """What it takes to have the weights in memory, as often as they are read."""
    conversion = CONVERTING * 4e-9 * network_weights(shape) if converted else 0.0
    return START + readings * network_weights(shape) * ITEMSIZE[dtype] / READING + conversion


def compare_seconds(shape: ModelShape, scope: str, threads: int) -> float:
    """Distances of one model and corpus."""
    return COMPARING * PASSES[scope] * linear_weights(shape) * 2 / max(1, min(threads, 8))
