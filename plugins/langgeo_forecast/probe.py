"""How fast this machine multiplies matrices, in five seconds at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from langgeo_core.calibration.parallel import side_by_side

SECONDS = 5.0
QUICK = 0.2
ASSUMED = 5e10
"""Floating-point operations a second of each thread, where nothing is measured."""
ASSUMED_OF_A_CARD = 2e14
DTYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Rates:
    """Operations a second of matrix products in the format of the forward pass and in that of the sums."""

    forward: float
    sums: float
    source: str


def stated(rate: float, device: torch.device) -> Rates:
    """A rate that the user gave, or a guess where it is 0."""
    if rate:
        return Rates(rate, rate, "as given")
    guess = ASSUMED_OF_A_CARD if device.type == "cuda" else ASSUMED * torch.get_num_threads()
    return Rates(guess, guess, "a guess, nothing was measured")


def probed(dtype: str, device: torch.device, quick: bool = False) -> Rates:
    """What this machine does just now, for `SECONDS`, or for a moment where it is to be `quick`.

    A card sums products of bfloat16 as they are; a processor makes float32 of them first.
    """
    seconds, forward = QUICK if quick else SECONDS, DTYPES[dtype]
    if forward is torch.bfloat16 and device.type == "cpu":
        halves = [matmul_rate(one, device, seconds / 2) for one in (forward, torch.float32)]
        return Rates(halves[0], halves[1], "measured")
    rate = matmul_rate(forward, device, seconds)
    return Rates(rate, rate, "measured")


def matmul_rate(dtype: torch.dtype, device: torch.device, seconds: float) -> float:
    """Operations a second (2n³ a product) of square matrices.

    On the processor each thread has products of its own, as in calibration: threads that share one wait for each other
    on a busy machine.
    """
    if device.type == "cuda":
        return _rate(dtype, device, 8192, seconds)
    threads = range(torch.get_num_threads())
    return sum(rate for _, rate in side_by_side(lambda _: _rate(dtype, device, 1024, seconds), threads))


def _rate(dtype: torch.dtype, device: torch.device, size: int, seconds: float) -> float:
    """Of one thread, or of a card, after one product to warm up."""
    left = torch.randn((size, size), device=device).to(dtype)
    _timed(lambda: left @ left, device)
    spent, products = 0.0, 0
    while spent < seconds:
        spent += _timed(lambda: left @ left, device)
        products += 1
    return 2.0 * size**3 * products / spent


def _timed(work: Callable[[], object], device: torch.device) -> float:
    started = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started
