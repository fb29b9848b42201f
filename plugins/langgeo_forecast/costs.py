"""What calibration and comparison take: floating-point operations, seconds, and bytes of memory at the peak."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch

from langgeo_core.api import (
    HELD_BYTES,
    CalibrationSettings,
    ModelShape,
    Sums,
    allowed_memory,
    few_rows,
)
from langgeo_forecast.shapes import (
    ITEMSIZE,
    LIVE_ROWS,
    Gathered,
    block_inputs,
    block_matrices,
    block_weights,
    features,
    footprint_of,
    linear_weights,
    network_weights,
    sum_itemsize,
)

# Shares of the rate of a matrix product at which each kind of work is done: measured on Gemma 3 270M on one core.
FORWARD, ATTENTION, GRAM, INVERSE = 0.9, 0.6, 0.8, 0.6
ELEMENT = 350.0
"""What a number costs that a norm, a rotation or a copy touches, in operations of a matrix product; measured so too."""
SUMMED = 40.0
"""What a number costs that enters the sums of its feature, in operations of a matrix product; measured so too."""
ROWS = 10, 4
"""How often a hidden state and an intermediate one are touched in a block beside the products."""

START = 5.0
"""Seconds until a model begins to be loaded."""
READING = 5e8
"""Bytes a second at which weights are read into memory."""
CONVERTING = 50.0
"""Seconds for each 10⁹ bytes of a model that is converted once."""
COMPARING = 1.5e-8
"""Seconds to sort and count a weight of one model and corpus, with two threads, over a hundred languages."""
PASSES = {"row": 4, "matrix": 1, "layer": 1, "global": 1.4}
"""How often as long each scope of a threshold takes."""

COUNTED = 1 << 28
"""Columns of all languages up to which the counts of a search for thresholds are kept, as `langgeo_quantizers` does."""

WHITENED = 11
"""Matrices of distances among all replicates in memory at once where `whiten-within` reads them; measured."""
ENTRY = 20
"""Bytes of a distance in a CSV file."""
WHITENING = 3.1e-10
"""Seconds of such a transform for the cube of the number of replicates: `whiten-within` with 3,776, on one thread."""

TOKENS_A_UNIT = {"tokens": 1.0, "characters": 0.35, "bytes": 0.25, "lines": 20.0}
"""A rough number of tokens for each unit that a config may count."""


@dataclass(frozen=True)
class Work:
    """Operations for one cell: of its forward pass, of the sums of its features, and of its inverses, Gram matrices
    included, for a whole text and for each of its replicates.

    The first are in the number format of the forward pass, the others in that of the sums.
    """

    forward: float
    sums: float
    inverses: float = 0.0
    of_replicate: float = 0.0


def cell_tokens(settings: CalibrationSettings) -> int:
    """Tokens of a cell, at most."""
    return round(settings.tokens * TOKENS_A_UNIT[settings.unit])


def window_tokens(settings: CalibrationSettings) -> int:
    """Tokens of a window, at most."""
    return min(cell_tokens(settings), round(settings.window * TOKENS_A_UNIT[settings.unit]))


def cell_work(
    shape: ModelShape,
    settings: CalibrationSettings,
    gathered: Gathered | None = None,
    replicates: int = 1,
    on_processor: bool = True,
) -> Work:
    """What one cell of separable scorers takes, divided by the share of a product's rate at which it is done.

    The forward pass 2 · tokens · weights, attention 4 · tokens · window · heads · head_dim, Gram matrices half of
    2 · tokens · Σ n², their factors and inverses ⅔ · Σ n³, and of few tokens on the processor instead of all this
    5 · tokens² · Σ n; these only where inverses are asked for.
    """
    tokens, window = cell_tokens(settings), window_tokens(settings)
    widths, wide = block_inputs(shape), shape.heads * shape.head_dim
    touched = tokens * (ROWS[0] * shape.hidden + ROWS[1] * shape.intermediate)
    forward = 2 * tokens * block_weights(shape) / FORWARD + 4 * tokens * window * wide / ATTENTION + ELEMENT * touched
    what = gathered or Gathered()
    measured = shape.layers * what.measured
    each = SUMMED * tokens * sum(widths)
    inverses = [
        measured * what.inverse * sum(_inverse(rows, n, on_processor) for n in widths)
        for rows in (tokens, tokens / replicates)
    ]
    return Work(shape.layers * what.reached * forward, measured * each, *inverses)


def _inverse(rows: float, width: int, on_processor: bool) -> float:
    few = on_processor and few_rows(rows, width)
    return 5 * rows**2 * width / INVERSE if few else 2 / 3 * width**3 / INVERSE + rows * width**2 / GRAM


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


PROCESS = 85 * 10**7
"""Python with torch, transformers, scipy and numba, before a model is loaded; measured."""


@dataclass(frozen=True)
class Peak:
    """Bytes at the peak, on the device and in the process (the same where that is the device).

    `mode` as it will be, `readings` how often all weights are read in it.
    """

    mode: str
    device: int
    process: int
    readings: int = 1


def calibration_peak(
    shape: ModelShape,
    settings: CalibrationSettings,
    device: torch.device,
    cells: int,
    streamed: bool = True,
    replicates: int = 0,
    inverse: bool = True,
) -> Peak:
    """Of the mode that the settings, or what is free, choose; `streamed`: whether the model can be read by blocks."""
    together = min(cells, torch.get_num_threads()) if device.type == "cpu" else 1
    size, batch = footprint_of(shape, settings.dtype), settings.batch * window_tokens(settings)
    rows = cell_tokens(settings) / replicates if replicates and device.type == "cpu" else math.inf
    limit, sums = allowed_memory(settings, device), Sums(replicates, cell_tokens(settings) <= batch, inverse, rows)
    fits = size.one_pass(torch.get_num_threads() if device.type == "cpu" else 1, batch, sums) <= limit
    if settings.mode == "one-pass" or (settings.mode == "auto" and (fits or not streamed)):
        taken = _one_pass(shape, settings, together, sums)
        return _peak("one-pass", taken, network_weights(shape) * ITEMSIZE[settings.dtype], device)
    copies = 1 if device.type == "cpu" else 2
    left = (limit - size.sequential(0, batch, copies, sums)) // size.state
    states = max(cell_tokens(settings), min(left, cells * cell_tokens(settings)))
    peak = _peak("sequential", size.sequential(states, batch, copies, sums), size.outside + 2 * size.block, device)
    return replace(peak, readings=-(-cells // (states // cell_tokens(settings))))


def gradient_peak(shape: ModelShape, settings: CalibrationSettings, device: torch.device, replicates: int = 0) -> Peak:
    """Of a scorer that needs a loss: weights, sums of that size for each cell of a text, three copies of the logits."""
    weights = network_weights(shape, head=True) * ITEMSIZE[settings.dtype]
    sums = (replicates + 1) * linear_weights(shape) * sum_itemsize(settings.dtype)
    logits = 3 * window_tokens(settings) * shape.vocabulary * 4
    return _peak("one-pass", weights + sums + logits, weights + sums, device)


def compare_peak(shape: ModelShape, languages: int, scope: str, per_weight: bool) -> int:
    """The largest matrix with its sorted copies, or the scope that is held, and g of all languages in float32; of a
    scope that is not held the counts of all its columns; of scores that are not separable blocks of rows.
    """
    if per_weight:
        return PROCESS + 16 * _largest(shape) + 5 * 2**28
    scopes = {"global": linear_weights(shape), "layer": block_weights(shape)}
    together = 8 * scopes.get(scope, 0)
    held = max(16 * _largest(shape), together if together <= HELD_BYTES else 0)
    columns = sum(columns for _, columns in block_matrices(shape)) * (shape.layers if scope == "global" else 1)
    counts = 4 * languages * columns * (together > HELD_BYTES) * (languages * columns <= COUNTED)
    return PROCESS + held + 4 * languages * features(shape) + counts


def _largest(shape: ModelShape) -> int:
    return max(rows * columns for rows, columns in block_matrices(shape))


def _one_pass(shape: ModelShape, settings: CalibrationSettings, together: int, sums: Sums) -> int:
    """Weights, and for each cell side by side its live Gram matrices and the tensors of a batch.

    Where a cell is one batch, a Gram matrix is reduced and freed before the next is begun.
    """
    batch = min(settings.batch * window_tokens(settings), cell_tokens(settings))
    widths = block_inputs(shape)
    live = sums.size([max(widths)] if sums.one_batch else shape.layers * list(widths))
    grams = sum_itemsize(settings.dtype) * (live + 2 * max(widths) ** 2 * sums.inverse)
    rows = batch * LIVE_ROWS * max(widths) * ITEMSIZE[settings.dtype]
    weights = network_weights(shape) * ITEMSIZE[settings.dtype]
    return weights + together * (grams + rows)


def _peak(mode: str, taken: int, beside: int, device: torch.device) -> Peak:
    """On the processor all is in the process; for a card, `beside` is what goes through the process to it."""
    return Peak(mode, taken, PROCESS + (taken if device.type == "cpu" else beside))
