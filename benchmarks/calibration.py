"""Calibration of one language at 2,048 tokens, against the plain way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import torch

from benchmarks import plain
from benchmarks.measure import ROUNDS, Result, Timings, cores, how, interleaved, threads
from benchmarks.subject import DAMPING, Subject, load
from langgeo_core.api import CellStatistics
from langgeo_core.calibration.cells import side_by_side
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.gram import multiplies_bfloat16
from langgeo_core.config.schema import CalibrationSettings

TOLERANCE, BEYOND, LARGEST, BITS = 1e-3, 1e-3, 1e-2, 1e-4
"""Equal: fewer than a share `BEYOND` of the scores differ by more than `TOLERANCE`, none by `LARGEST`, relatively, and
fewer than a share `BITS` of the bits. float32 itself leaves either way more than 1e-3 off in a few features whose
H is badly conditioned."""
BITS_OF_BFLOAT16 = 1e-3
"""Share of the bits that may differ with a forward pass in bfloat16."""
PlainScores = dict[str, torch.Tensor]


def run() -> list[Result]:
    """Wall time and processor time a language, all processors busy in both ways; with bfloat16 where it is native."""
    subject = load(cores())
    languages = list(subject.windows)
    turns = cycle(languages)
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: ours(subject, languages),
        "plain": lambda: reference(subject, [next(turns)]),
    }
    if multiplies_bfloat16():
        halved = load(cores(), "bfloat16")
        ways["bfloat16"] = lambda: ours(halved, languages)
    with threads(cores()):
        timings = interleaved(ways)
    mine, theirs = timings["ours"], timings["plain"]
    agreement = _agreement(subject, mine.value, theirs.value)
    count = len(languages)
    wall, processor = mine.seconds / count, mine.cpu_seconds / count
    note = (
        f"{subject.name}, 2,048 tokens in windows of 512, float32; a language takes {wall:.1f} s "
        f"against {theirs.seconds:.1f} s (wall), {processor:.1f} against {theirs.cpu_seconds:.1f} (processor); ours "
        f"{count} languages a round side by side, one thread each, the plain way one language a round, all threads in "
        f"torch; {agreement}; {how(ROUNDS, cores())}"
    )
    equal = agreement.equal
    return [
        Result("calibration", theirs.seconds / wall, 4.0, equal, "languages an hour", note),
        Result("calibration-processor", theirs.cpu_seconds / processor, None, equal, "processor seconds", note),
        *(_with_bfloat16(subject, timings["bfloat16"], theirs, count) if "bfloat16" in timings else ()),
    ]


def _with_bfloat16(subject: Subject, mine: Timings, theirs: Timings, count: int) -> Iterator[Result]:
    """Against the plain way in float32."""
    agreement = _agreement(subject, mine.value, theirs.value)
    wall, processor = mine.seconds / count, mine.cpu_seconds / count
    note = (
        f"{subject.name} as in calibration, the forward pass in bfloat16 on a processor with AMX; a language takes "
        f"{wall:.1f} s (wall), {processor:.1f} (processor), the plain way in float32 {theirs.seconds:.1f} and "
        f"{theirs.cpu_seconds:.1f}; {agreement.bits:.1e} of the bits differ"
    )
    equal = agreement.bits < BITS_OF_BFLOAT16
    yield Result("calibration-bfloat16", theirs.seconds / wall, 8.0, equal, "languages an hour", note)
    yield Result(
        "calibration-bfloat16-processor", theirs.cpu_seconds / processor, None, equal, "processor seconds", note
    )


def ours(subject: Subject, languages: list[str]) -> dict[str, CellStatistics]:
    """Statistics of the languages, collected side by side as the calibration stage does."""
    settings = CalibrationSettings()
    with Collector(subject.model, subject.layout, settings.batch, settings.bos, DAMPING) as collector:
        work = side_by_side(lambda name: collector.collect(name, subject.windows[name]).statistics, languages)
        return dict(work)


def reference(subject: Subject, languages: list[str]) -> dict[str, PlainScores]:
    """Scores of the languages, one after the other."""
    return {
        name: plain.calibrate(subject.model, subject.linears, subject.windows[name].ids, DAMPING) for name in languages
    }


@dataclass(frozen=True)
class Agreement:
    """Relative differences of scores: the largest, and the share beyond `TOLERANCE`; the share of bits that differ."""

    largest: float
    beyond: float
    bits: float

    @property
    def equal(self) -> bool:
        return self.largest < LARGEST and self.beyond < BEYOND and self.bits < BITS

    def __str__(self) -> str:
        return (
            f"{self.beyond:.1e} of the scores differ by more than {TOLERANCE:g} relatively, the largest by "
            f"{self.largest:.1e}; {self.bits:.1e} of the bits differ"
        )


def _agreement(subject: Subject, mine: dict[str, CellStatistics], theirs: dict[str, PlainScores]) -> Agreement:
    largest, beyond, bits, size = 0.0, 0, 0, 0
    for language, matrix in [(language, matrix) for language in theirs for matrix in subject.layout.matrices]:
        g = (1.0 / mine[language].inputs[matrix.input].inverse_diagonal).astype(np.float32)
        own = np.square(subject.weight(matrix.name)) * g
        other = theirs[language][matrix.name].numpy()
        apart = np.abs(own - other) / np.maximum(other, np.finfo(np.float32).tiny)
        largest = max(largest, float(apart.max()))
        beyond += int(np.count_nonzero(apart > TOLERANCE))
        bits += int(np.count_nonzero((own > np.median(own)) != (other > np.median(other))))
        size += matrix.size
    return Agreement(largest, beyond / size, bits / size)
