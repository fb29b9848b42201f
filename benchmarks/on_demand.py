"""Calibration of a language for `langgeo run best` against that for `starter`: sums of some layers, no inverse."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import torch

from benchmarks.measure import Result, Timings, how, interleaved, ratio, threads
from benchmarks.subject import DAMPING, SHAPE, TOKENS, WINDOW
from langgeo_core.api import CellStatistics, Layout, Needs, config_of
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.windows import Windows, choose_windows
from langgeo_core.config.schema import CalibrationSettings

VOCABULARY, ROUNDS = 4096, 5
"""The table of embeddings takes no part in the forward pass but for the rows that are read."""
TOLERANCE = 1e-9
"""Relative; of squares that both ways sum in float64."""


def run() -> list[Result]:
    """Wall and processor time of one language on one thread."""
    model, windows = _subject()
    needs = {name: Needs.of(config_of({"registry": None}, name, (), None)) for name in ("best", "starter")}
    with threads(1):
        ways = {name: partial(_collected, model, windows, one) for name, one in needs.items()}
        timings = interleaved(ways, ROUNDS)
    return [_result("best-starter", timings, windows), _result("best-starter-processor", timings, windows)]


@dataclass(frozen=True)
class _Model:
    """Random weights; its text is random tokens."""

    network: torch.nn.Module
    bos: int = 2
    pad: int = 0

    @cached_property
    def layout(self) -> Layout:
        return find_layout(self.network, [3] * 4)

    def encode(self, text: str) -> list[int]:
        raise NotImplementedError


def _subject() -> tuple[_Model, Windows]:
    from transformers import Gemma3TextConfig, Gemma3TextModel

    torch.manual_seed(0)
    network: torch.nn.Module = Gemma3TextModel(Gemma3TextConfig(**{**SHAPE, "vocab_size": VOCABULARY})).eval()
    tokens = np.random.default_rng(0).integers(4, VOCABULARY, TOKENS).tolist()
    return _Model(network), choose_windows([tokens], TOKENS, WINDOW, seed=0)


def _result(name: str, timings: dict[str, Timings], windows: Windows) -> Result:
    best, starter = timings["best"], timings["starter"]
    processor = name.endswith("processor")
    found = starter.cpu_seconds / best.cpu_seconds if processor else ratio(timings, "starter", "best")
    apart, shared = _apart(best.value, starter.value), len(best.value.inputs)
    note = (
        f"random weights in the shape of Gemma 3 270M, vocabulary {VOCABULARY:,}, {windows.tokens:,} tokens in windows "
        f"of 512, float32; a language takes {best.seconds:.2f} s (wall) and {best.cpu_seconds:.2f} (processor) for "
        f"`best`, {starter.seconds:.2f} and {starter.cpu_seconds:.2f} for `starter`; the mean squares of the {shared} "
        f"inputs that both read differ by {apart:.1e} relatively; {how(ROUNDS, 1)}"
    )
    return Result(name, found, 3.0, apart < TOLERANCE, "processor seconds" if processor else "wall time", note)


def _collected(model: _Model, windows: Windows, needs: Needs) -> CellStatistics:
    settings, inverse = CalibrationSettings(), "inverse" in needs.statistics
    layout = needs.layout("random", model.layout)
    with Collector(model, layout, settings.batch, settings.bos, DAMPING, inverse) as collector:
        return collector.collect("eng", windows).statistics


def _apart(best: CellStatistics, starter: CellStatistics) -> float:
    """The largest relative difference of a mean square, of the inputs that `best` reads."""
    return max(
        float(np.max(np.abs(one.gram_diagonal / starter.inputs[name].gram_diagonal - 1)))
        for name, one in best.inputs.items()
    )
