"""The stage compare at the size of the study: 106 languages, Mistral 7B's shape, random weights in a checkpoint.

`python -m benchmarks.comparing [BLOCKS] [SCOPE …]` measures each scope in a process of its own. All blocks are alike,
so that the time of some stands for that of 32; with 32, which take 14 GB of disk, nothing is extrapolated.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.distances import Case, dense, ours, packed
from benchmarks.measure import Result, cores, interleaved, machine, ratio as ratio_of
from benchmarks.memory import peak_of
from benchmarks.shapes import MISTRAL, layout_of
from langgeo_core.api import CellStatistics, InputStatistics, Layout, ModelShape, PackedBits, Signature, WeightMatrix
from langgeo_core.comparison.pairwise import Comparison, Recipe, compare, counting_device, scopes
from langgeo_core.contract.protocols import Distance, Scope
from langgeo_distances.hamming import Hamming
from langgeo_forecast.shapes import block_matrices, features, linear_weights
from langgeo_hf.weights import stored_tensors
from langgeo_quantizers.bits import Median
from langgeo_quantizers.options import MedianOptions
from langgeo_scorers.features import Wanda
from langgeo_scorers.options import ActivationOptions

GIB = 1 << 30
LANGUAGES, BLOCKS, SCOPES = 106, 2, ("matrix", "global")
LIMITS = {"seconds": 30 * 60.0, "bytes": 6.0 * GIB}
"""For 32 blocks on two cores."""
NUMPY, NUMKONG = "numpy: medians, packbits, XOR and popcount", "numkong: np.partition, packbits, hammings_symmetric"


def run() -> list[Result]:
    """Seconds and memory of each scope against the limits, and one matrix against packed bits."""
    rows = [row for scope in SCOPES for row in against_limits(scope, measured(scope, BLOCKS))]
    return [*rows, *against_bits()]


def against_bits() -> list[Result]:
    """One matrix by counts and as packed bits, which numpy and numkong compare."""
    return [_against_bits("numpy", NUMPY), _against_bits("numkong", NUMKONG)]


def measured(scope: str, blocks: int, device: str = "cpu") -> dict[str, Any]:
    """{seconds, peak, start, equal} of comparing so many blocks in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        save_blocks(replace(MISTRAL, layers=blocks), Path(folder))
        command = [sys.executable, "-m", "benchmarks.comparing", "--child", scope, str(blocks), device, folder]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return found


def whole(answer: dict[str, Any], blocks: int) -> dict[str, float]:
    """Seconds and bytes of the process for 32 blocks.

    What grows with depth in memory are g, the partial sums, and under the scope `global` the counts of every column.
    """
    more = MISTRAL.layers - blocks
    factors = 4 * LANGUAGES * (features(MISTRAL) - features(replace(MISTRAL, layers=blocks)))
    sums = 8 * LANGUAGES**2 * 7 * more
    counts = (
        4 * LANGUAGES * more * sum(columns for _, columns in block_matrices(MISTRAL)) * (answer["scope"] == "global")
    )
    seconds = answer["seconds"] * MISTRAL.layers / blocks
    return {"seconds": seconds, "bytes": float(answer["start"] + answer["peak"] + factors + sums + counts)}


def against_limits(scope: str, answer: dict[str, Any]) -> list[Result]:
    total = whole(answer, BLOCKS)
    how = (
        f"{LANGUAGES} languages, scope {scope}, {BLOCKS} blocks of Mistral 7B's shape with random weights in bfloat16, "
        f"read from a checkpoint; synthetic g; {answer['seconds']:.1f} s, {answer['peak'] / GIB:.2f} GiB above the "
        f"{answer['start'] / GIB:.2f} at the start; extrapolated to 32 blocks: {total['seconds'] / 60:.1f} minutes, "
        f"{total['bytes'] / GIB:.2f} GiB in all; the ratio is the limit over that; equal: the integers of one matrix "
        f"against bits, and half of each scope kept; one run, threads: {cores()}, {machine()}"
    )
    ratios = {key: LIMITS[key] / total[key] for key in LIMITS}
    equal = {"seconds": answer["equal"], "bytes": answer["equal"] and ratios["bytes"] >= 1.0}
    return [
        Result(f"compare-7b, {scope}, {key}", ratio, 1.0, equal[key], f"of the {key} allowed", how)
        for key, ratio in ratios.items()
    ]


def _against_bits(name: str, what: str) -> Result:
    """One matrix of queries, with medians of its own."""
    case = _queries()
    ours([case])  # numba compiles once and keeps the code
    ways = {"ours": lambda: ours([case]), "plain": lambda: (dense if name == "numpy" else packed)([case])}
    timings = interleaved(ways, 1)
    share = linear_weights(MISTRAL) / case.weights.size / 60
    minutes = {key: timing.seconds * share for key, timing in timings.items()}
    note = (
        f"{LANGUAGES} languages, one matrix of {case.matrix.rows} x {case.matrix.columns}; ours "
        f"{timings['ours'].seconds:.2f} s, {what} {timings['plain'].seconds:.1f} s; extrapolated by the number of "
        f"weights to Mistral 7B: {minutes['ours']:.1f} against {minutes['plain']:.0f} minutes, without reading them; "
        f"one run, {machine()}"
    )
    equal = bool(np.array_equal(timings["ours"].value, timings["plain"].value))
    return Result(f"compare-7b, {name}", ratio_of(timings), None, equal, "comparisons an hour", note)


def _queries() -> Case:
    matrix = layout_of(MISTRAL).matrices[0]
    weights = np.random.default_rng(0).normal(0, 0.02, (matrix.rows, matrix.columns)).astype(np.float32)
    g = np.stack([cell.inputs[matrix.input].gram_diagonal for cell in cells(Layout((matrix,)))])
    return Case(matrix, weights, g.astype(np.float32))


def cells(layout: Layout) -> Iterator[CellStatistics]:
    """Made-up languages, one at a time; g is heavy-tailed over features and differs by 11 % between languages."""
    for language in range(LANGUAGES):
        own, inputs = np.random.default_rng(language), {}
        for place, (name, size) in enumerate(layout.inputs.items()):
            shared = np.random.default_rng(10_000 + place).normal(0.0, 1.5, size)
            g = np.exp(shared + own.normal(0.0, 0.11, size))
            inputs[name] = InputStatistics(g, 1 / g, 1 / g, 0.01, 1, f"l{language}", name)
        yield CellStatistics(f"l{language}", 1, inputs)


def save_blocks(shape: ModelShape, folder: Path) -> None:
    """A checkpoint of the linear layers alone, in bfloat16, a file a block."""
    import torch
    from safetensors.torch import save_file

    source = torch.Generator().manual_seed(0)
    weight_map: dict[str, str] = {}
    for layer in range(shape.layers):
        file, tensors = f"model-{layer}.safetensors", {}
        for matrix in layout_of(shape).matrices:
            if matrix.layer == layer:
                drawn = torch.randn((matrix.rows, matrix.columns), generator=source) * 0.02
                tensors[f"model.{matrix.name}.weight"] = drawn.to(torch.bfloat16)
        save_file(tensors, folder / file, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(tensors, file)
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")


class SavedBlocks:
    """Reader of what `save_blocks` wrote, which is no whole model."""

    def __init__(self, folder: Path) -> None:
        self._stored = stored_tensors(folder)

    def read(self, name: str) -> NDArray[np.float32]:
        """(rows, columns) float32 of a linear layer."""
        from safetensors import safe_open

        key = f"model.{name}.weight"
        with safe_open(self._stored[key].file, framework="pt") as tensors:
            return cast("NDArray[np.float32]", tensors.get_tensor(key).float().numpy())


def measured_here(scope: Scope, blocks: int, device: str, folder: Path) -> dict[str, Any]:
    """{seconds, peak, start, equal} of comparing the checkpoint of a folder."""
    import psutil

    layout, weights = layout_of(replace(MISTRAL, layers=blocks)), SavedBlocks(folder)
    quantizer, distance = Median(MedianOptions(scope=scope)), cast("Distance", Hamming())
    recipe = Recipe(Wanda(ActivationOptions()), quantizer, distance, device=counting_device(device))

    def compared(layout: Layout, form: type[Signature] | None = None) -> Comparison:
        return compare(cells(layout), layout, weights, recipe, form)

    keys = Layout(layout.matrices[1:2])
    equal = np.array_equal(compared(keys).partials, compared(keys, PackedBits).partials)  # numba compiles here
    start, started = psutil.Process().memory_info().rss, time.perf_counter()
    peak, found = peak_of(lambda: compared(layout))
    seconds = time.perf_counter() - started
    sound = all(_halved(found, layout, group) for group in scopes(layout, scope))
    return {"scope": scope, "seconds": seconds, "peak": peak, "start": start, "equal": equal and sound}


def _halved(found: Comparison, layout: Layout, group: Sequence[WeightMatrix]) -> bool:
    """Whether every language keeps half of the weights of a scope, but for a few that tie with the median."""
    sizes = np.array([matrix.size for matrix in group])
    kept = sizes @ found.kept[[layout.matrices.index(matrix) for matrix in group]]
    return bool((abs(kept - sizes.sum() / 2) <= 100 + 1e-6 * sizes.sum()).all())


def main(arguments: list[str]) -> None:
    """Print seconds and memory of the scopes named, with what they make of 32 blocks."""
    blocks = int(arguments[0]) if arguments else BLOCKS
    print(f"{machine()}; {LANGUAGES} languages, {blocks} of {MISTRAL.layers} blocks of Mistral 7B's shape")
    for scope in arguments[1:] or SCOPES:
        answer = measured(scope, blocks)
        total = whole(answer, blocks)
        print(
            f"{scope}: {answer['seconds']:.1f} s, {answer['peak'] / GIB:.2f} GiB above {answer['start'] / GIB:.2f}",
            end="",
        )
        print("" if answer["equal"] else "; NOT EQUAL", end="")
        print(f"; of 32 blocks {total['seconds'] / 60:.1f} minutes, {total['bytes'] / GIB:.2f} GiB in all", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(measured_here(cast("Scope", sys.argv[2]), int(sys.argv[3]), sys.argv[4], Path(sys.argv[5]))))
    else:
        main(sys.argv[1:])
