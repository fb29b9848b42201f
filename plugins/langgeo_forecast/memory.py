"""Peak memory of calibration and of what comes after it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from langgeo_core.calibration.modes import Sums, allowed
from langgeo_core.comparison.scores import HELD_BYTES
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.types import ModelShape
from langgeo_forecast.sizes import (
    ITEMSIZE,
    LIVE_ROWS,
    block_inputs,
    block_matrices,
    block_weights,
    features,
    footprint_of,
    linear_weights,
    network_weights,
    sum_itemsize,
)
from langgeo_forecast.work import cell_tokens, window_tokens

PROCESS = 75 * 10**7
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
) -> Peak:
    """Of the mode that the settings, or what is free, choose; `streamed`: whether the model can be read by blocks."""
    together = min(cells, torch.get_num_threads()) if device.type == "cpu" else 1
    size, batch = footprint_of(shape, settings.dtype), settings.batch * window_tokens(settings)
    limit, sums = allowed(settings, device), Sums(replicates, cell_tokens(settings) <= batch)
    fits = size.one_pass(torch.get_num_threads() if device.type == "cpu" else 1, batch, sums) <= limit
    if settings.mode == "one-pass" or (settings.mode == "auto" and (fits or not streamed)):
        taken = _one_pass(shape, settings, together, replicates)
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
    """The largest matrix with its sorted copies, or the scope that is held, and g of all languages in float32; of
    scores that are not separable blocks of rows.
    """
    if per_weight:
        return PROCESS + 16 * _largest(shape) + 5 * 2**28
    scopes = {"global": linear_weights(shape), "layer": block_weights(shape)}
    together = 8 * scopes.get(scope, 0)
    held = max(16 * _largest(shape), together if together <= HELD_BYTES else 0)
    return PROCESS + held + 4 * languages * features(shape)


def _largest(shape: ModelShape) -> int:
    return max(rows * columns for rows, columns in block_matrices(shape))


def _one_pass(shape: ModelShape, settings: CalibrationSettings, together: int, replicates: int) -> int:
    """Weights, and for each cell side by side its live Gram matrices and the tensors of a batch.

    Where a cell is one batch, a Gram matrix is reduced and freed before the next is begun.
    """
    batch = min(settings.batch * window_tokens(settings), cell_tokens(settings))
    squares = [n**2 * sum_itemsize(settings.dtype) for n in block_inputs(shape)]
    sets = replicates + 1
    live = sets * max(squares) if batch == cell_tokens(settings) else sets * shape.layers * sum(squares)
    rows = batch * LIVE_ROWS * max(block_inputs(shape)) * ITEMSIZE[settings.dtype]
    weights = network_weights(shape) * ITEMSIZE[settings.dtype]
    return weights + together * (live + 2 * max(squares) + rows)


def _peak(mode: str, taken: int, beside: int, device: torch.device) -> Peak:
    """On the processor all is in the process; for a card, `beside` is what goes through the process to it."""
    return Peak(mode, taken, PROCESS + (taken if device.type == "cpu" else beside))
