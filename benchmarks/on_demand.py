"""Calibration of a language that reads some layers and no inverse: `best` against `starter`, `mplm-sim` against the way
of those who published it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.measure import Result, Timings, how, interleaved, ratio, threads
from benchmarks.subject import DAMPING, SHAPE, TOKENS, WINDOW
from langgeo_core.api import CellStatistics, Layout, Needs, config_of
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.windows import Windows, choose_windows
from langgeo_core.config.schema import CalibrationSettings

Float64 = NDArray[np.float64]
VOCABULARY, ROUNDS = 4096, 5
"""The table of embeddings takes no part in the forward pass but for the rows that are read."""
TOLERANCE = 1e-9
"""Relative; of squares that both ways sum in float64."""
SENTENCES, LAYER, CLOSE = 64, 11, 1e-4
"""Sentences and layer of `mplm-sim`, and the share of its length by which a mean state may differ through padding."""


def run() -> list[Result]:
    """Wall and processor time of one language on one thread."""
    model, windows = _subject()
    needs = {name: Needs.of(config_of({"registry": None}, name, (), None)) for name in ("best", "starter")}
    with threads(1):
        ways = {name: partial(_collected, model, windows, one) for name, one in needs.items()}
        timings = interleaved(ways, ROUNDS)
    return [_result("best-starter", timings, windows), _result("best-starter-processor", timings, windows)]


def run_sentences() -> list[Result]:
    """The mean states of a language's sentences in layer 11, one by one and all layers, or as `mplm-sim` has them."""
    model, _ = _subject()
    source = np.random.default_rng(1)
    lengths = source.integers(8, 57, SENTENCES)
    lines = Windows(tuple(tuple(source.integers(4, VOCABULARY, length).tolist()) for length in lengths))
    needs = Needs.of(config_of({"registry": None}, "mplm-sim", (f"parts.layers={LAYER}",), None))
    with threads(1):
        timings = interleaved(
            {"plain": partial(_states, model, lines), "ours": partial(_hidden, model, lines, needs)}, ROUNDS
        )
    plain, ours = timings["plain"], timings["ours"]
    norms = np.linalg.norm(plain.value, axis=1)
    apart = float(np.max(np.linalg.norm(ours.value - plain.value, axis=1) / norms))
    note = (
        f"random weights in the shape of Gemma 3 270M, vocabulary {VOCABULARY:,}, {SENTENCES} sentences of 8 to 56 "
        f"tokens, {lines.tokens:,} in all, float32; mean states of layer {LAYER} take {ours.seconds:.2f} s against "
        f"{plain.seconds:.2f} of one pass a sentence that keeps the states of all layers, which is mPLM-Sim's way; "
        f"they differ by at most {apart:.1e} of their length; {how(ROUNDS, 1)}"
    )
    return [Result("mplm-sim", ratio(timings), None, apart < CLOSE, "wall time", note)]


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


def _states(model: _Model, lines: Windows) -> Float64:
    """(sentences, features)"""
    found = []
    with torch.inference_mode():
        for line in lines.ids:
            states = model.network(input_ids=torch.tensor([[model.bos, *line]]), output_hidden_states=True)
            found.append(states.hidden_states[LAYER][0, 1:].double().mean(0).numpy())
    return np.stack(found)


def _hidden(model: _Model, lines: Windows, needs: Needs) -> Float64:
    """(sentences, features)"""
    layout, settings = needs.layout("random", model.layout), CalibrationSettings()
    (name,) = layout.inputs
    with Collector(model, layout, settings.batch, settings.bos, DAMPING, False) as collector:
        found = collector.collect_each("eng", lines, [(place,) for place in range(len(lines.ids))])
    return np.stack([one.statistics.inputs[name].hidden for one in found])


def _apart(best: CellStatistics, starter: CellStatistics) -> float:
    """The largest relative difference of a mean square, of the inputs that `best` reads."""
    return max(
        float(np.max(np.abs(one.gram_diagonal / starter.inputs[name].gram_diagonal - 1)))
        for name, one in best.inputs.items()
    )
