"""One machine measured with the shapes of the study: `python -m benchmarks.study [--device cuda] [--out FILE]`.

Random weights of the true shapes of Mistral 7B, Gemma 3 4B and Llama 3.2 1B: tokens a second and the share of the
measured matrix-product peak, against the plain way, and the stage compare at 106 languages. On a card everything is at
full size, 524,288 tokens a language, and takes less than ten minutes. On a processor calibration is at a small size,
which shows that the script runs and little else: see `benchmarks.calibration` for that.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import torch

from benchmarks import comparing, plain
from benchmarks.measure import machine
from benchmarks.memory import peak_of
from benchmarks.shapes import STUDY, RandomModel, random_model, shape_of
from langgeo_core.api import Layout, ModelShape
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.windows import Windows
from langgeo_forecast.forecast import matmul_rate
from langgeo_forecast.shapes import block_inputs, linear_weights

GIB = 1 << 30
DAMPING = 0.01


@dataclass(frozen=True)
class Size:
    """How much is measured: windows of a language and their length, windows a batch; of the plain way blocks and
    windows, from which the rest is extrapolated; by what the widths of a shape are divided, and its depth at most.
    """

    windows: int = 128
    window: int = 4096
    batch: int = 8
    plain_blocks: int = 2
    plain_windows: int = 6
    divided: int = 1
    layers: int = 1000

    @property
    def tokens(self) -> int:
        """Of a language."""
        return self.windows * self.window


SIZES = {"cuda": Size(), "cpu": Size(windows=8, window=256, batch=2, plain_windows=4, divided=8, layers=2)}


def main(arguments: list[str]) -> int:
    """Print the table as it grows, and write it."""
    options = _options(arguments)
    device, size = torch.device(options.device), SIZES[options.device]
    lines: list[str] = []
    for line in _lines(device, size, arguments):
        print(line, flush=True)
        lines.append(line)
    if options.out:
        Path(options.out).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    found = torch.cuda.is_available()
    parser = argparse.ArgumentParser("python -m benchmarks.study", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", choices=sorted(SIZES), default="cuda" if found else "cpu")
    parser.add_argument("--out", help="a Markdown file for the table")
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not found:
        parser.error(f"torch {torch.__version__} finds no CUDA device; leave --device out")
    return options


def _lines(device: torch.device, size: Size, arguments: list[str]) -> Iterator[str]:
    """The table in Markdown."""
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    rate = matmul_rate(torch.matmul, dtype, device, 3.0)
    yield f"`{' '.join(['python -m benchmarks.study', *arguments])}`, {date.today()}, {_named(device)}, torch "
    yield f"{torch.__version__}; matrix products in {dtype}: {rate / 1e12:.3g} TF/s"
    yield ""
    yield from _heading("model | tokens | s a language | tokens/s | share of peak | peak GiB | plain way, s | ratio")
    for name in STUDY:
        yield Calibration(name, _shrunk(shape_of(name), size), size, device, dtype).row(rate)
    yield ""
    yield _plain_words(size, device)
    yield ""
    yield from _comparing(device)


def _heading(columns: str) -> Iterator[str]:
    yield f"| {columns} |"
    yield "|" + "---|" * (columns.count("|") + 1)


def _named(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else machine()


def _shrunk(shape: ModelShape, size: Size) -> ModelShape:
    """The shape at a size that the device can do."""
    return replace(
        shape,
        layers=min(shape.layers, size.layers),
        hidden=shape.hidden // size.divided,
        intermediate=shape.intermediate // size.divided,
        heads=max(shape.kv_heads, shape.heads // size.divided),
        vocabulary=min(shape.vocabulary, 1000) if size.divided > 1 else shape.vocabulary,
    )


@dataclass(frozen=True)
class Calibration:
    """One language of one model, with random weights, in one pass."""

    name: str
    shape: ModelShape
    size: Size
    device: torch.device
    dtype: torch.dtype

    def row(self, rate: float) -> str:
        """A line of the table, for a machine that multiplies matrices at `rate`."""
        seconds, peak = self.ours()
        other = self.plain()
        size, operations = self.size.tokens, 2 * self.size.tokens * (linear_weights(self.shape) + self._squares)
        return (
            f"| {self.name} | {size:,} | {seconds:.2f} | {size / seconds:,.0f} | {operations / seconds / rate:.2f} | "
            f"{peak / GIB:.1f} | {other:.1f} | {other / seconds:.1f} |"
        )

    @property
    def _squares(self) -> int:
        """Σ in² over the distinct inputs: with the weights, what forward passes and full Gram matrices multiply."""
        return self.shape.layers * sum(features**2 for features in block_inputs(self.shape))

    def ours(self) -> tuple[float, float]:
        """(seconds, bytes) of a language, after a batch to warm up."""
        model, layout = self._model(self.shape)
        with Collector(model, layout, self.size.batch, True, DAMPING) as collector:
            collector.collect("warm", self._text(self.size.batch))
            windows = self._text(self.size.windows)
            return self._measured(lambda: collector.collect("l0", windows))

    def plain(self) -> float:
        """Seconds of a language the plain way: of some blocks and windows, as a line through two numbers of windows.

        What grows with the windows is multiplied up to all tokens, what does not (inverses) is once a block.
        """
        blocks = min(self.size.plain_blocks, self.shape.layers)
        model, layout = self._model(replace(self.shape, layers=blocks))
        linears = {matrix.name: model.network.get_submodule(matrix.name) for matrix in layout.matrices}

        def seconds(windows: int) -> float:
            text = self._text(windows).ids
            return self._measured(lambda: plain.calibrate(model, linears, text, DAMPING, logits=False))[0]

        seconds(1)
        few, many = self.size.plain_windows // 2, self.size.plain_windows
        short, long = seconds(few), seconds(many)
        each = max(long - short, 0.0) / (many - few)
        return (short + each * (self.size.windows - few)) * self.shape.layers / blocks

    def _model(self, shape: ModelShape) -> tuple[RandomModel, Layout]:
        self._free()
        torch.manual_seed(0)
        model = random_model(self.name, shape, self.dtype, self.device)
        return model, find_layout(model.network, [3] * 4)

    def _text(self, windows: int) -> Windows:
        drawn = np.random.default_rng(0).integers(3, self.shape.vocabulary, (windows, self.size.window))
        return Windows(tuple(tuple(map(int, row)) for row in drawn))

    def _measured(self, work: Callable[[], object]) -> tuple[float, float]:
        """(seconds, bytes): on a card the most that was allocated, in the process what it grew by at most."""
        self._free()
        started = time.perf_counter()
        peak, _ = peak_of(work)
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
            peak = torch.cuda.max_memory_allocated(self.device)
        return time.perf_counter() - started, float(peak)

    def _free(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)


def _plain_words(size: Size, device: torch.device) -> str:
    shrunk = "" if size.divided == 1 else f" Widths are divided by {size.divided}, and there are {size.layers} blocks."
    peak = "allocated on the card" if device.type == "cuda" else "resident above the start"
    return (
        "Random weights; a language after a batch to warm up; share of peak: 2 · tokens · (weights + Σ in²) / seconds "
        f"/ the rate; peak: {peak}. The plain way (a float32 Gram matrix for every linear layer, a window at a time, "
        f"inverse and two factors) is extrapolated from {size.plain_blocks} blocks and {size.plain_windows} windows of "
        f"{size.window}: a line in the number of windows, and blocks alike.{shrunk}"
    )


def _comparing(device: torch.device) -> Iterator[str]:
    """Compare at the true shape, on either device; nothing of it is shrunk."""
    blocks = comparing.BLOCKS
    yield from _heading(f"comparing {comparing.LANGUAGES} languages, scope | {blocks} blocks, s | 32, minutes | GiB")
    for scope in comparing.SCOPES:
        answer = comparing.measured(scope, blocks, device.type)
        total = comparing.whole(answer, blocks)
        minutes, memory = total["seconds"] / 60, total["bytes"] / GIB
        equal = "" if answer["equal"] else ", NOT EQUAL TO BITS"
        yield f"| {scope}{equal} | {answer['seconds']:.1f} | {minutes:.1f} | {memory:.1f} |"
    yield ""
    yield f"Mistral 7B's shape; 32 blocks extrapolated from {blocks}, read from a checkpoint; GiB: resident memory."
    for result in comparing.against_bits():
        yield f"Ratio {result.ratio:.0f}: {result.note}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
