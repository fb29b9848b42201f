"""What replicates of a text cost: forward passes shared with the whole, and statistics of few rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from benchmarks.measure import ROUNDS, Result, Timings, cores, how, interleaved, ratio
from benchmarks.subject import DAMPING, Subject, load
from langgeo_core.api import CellStatistics
from langgeo_core.calibration.cells import side_by_side
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.windows import Windows
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.planning.texts import deal

REPLICATES, WINDOW, AIM = 8, 128, 1.5
TOLERANCE = 1e-3
Cells = dict[str, list[CellStatistics]]


def run() -> list[Result]:
    """Eight replicates and the whole against the whole alone, and two in one pass against passes for each."""
    whole, short = load(cores()), load(cores() + 1, window=WINDOW)
    del short.windows["eng"]  # some tokens too few for two windows a replicate
    settings = CalibrationSettings()
    with Collector(whole.model, whole.layout, settings.batch, settings.bos, DAMPING) as collector:
        ways = {
            "together": partial(_side_by_side, whole, partial(_with_replicates, collector, 2)),
            "apart": partial(_side_by_side, whole, partial(_apart, collector)),
            "replicates": partial(_side_by_side, short, partial(_with_replicates, collector, REPLICATES)),
            "alone": partial(_side_by_side, short, partial(_with_replicates, collector, 0)),
        }
        timings = interleaved(ways)
        language, windows = next(iter(short.windows.items()))
        alone = [collector.collect(language, piece).statistics for piece in _pieces(windows, REPLICATES)]
    return [_halves(whole, timings), *_replicates(short, timings, {language: alone})]


def _halves(subject: Subject, timings: dict[str, Timings]) -> Result:
    """Wall time of `reliability.replicates=2`, a language for each processor."""
    beyond = _beyond(timings["together"].value, timings["apart"].value)
    note = (
        f"{subject.name}, 2,048 tokens and twice 1,024; {timings['together'].seconds:.1f} against "
        f"{timings['apart'].seconds:.1f} s for {cores()} languages; {beyond:.1e} of the inverse diagonals differ by "
        f"more than {TOLERANCE:g} relatively; {how(ROUNDS, cores())}"
    )
    return Result("halves", ratio(timings, "apart", "together"), None, beyond < TOLERANCE, "wall time", note)


def _replicates(subject: Subject, timings: dict[str, Timings], apart: Cells) -> Iterator[Result]:
    """Against `AIM` times the text alone; the whole is the same in both, and a replicate as if it were a text."""
    many, alone = timings["replicates"], timings["alone"]
    whole = {language: found[:1] for language, found in many.value.items()}
    pieces = {language: many.value[language][1:] for language in apart}
    equal = _beyond(whole, alone.value) == 0 and _beyond(pieces, apart) == 0
    for name, unit, some, one in (
        ("replicates", "wall time", many.seconds, alone.seconds),
        ("replicates-processor", "processor time", many.cpu_seconds, alone.cpu_seconds),
    ):
        note = (
            f"{subject.name}, 2,048 tokens in windows of {WINDOW}, with {REPLICATES} replicates {some:.1f} s, without "
            f"{one:.1f}, so {some / one:.2f} times, for {cores()} languages; {how(ROUNDS, cores())}"
        )
        yield Result(name, AIM * one / some, 1.0, equal, unit, note)


def _side_by_side(subject: Subject, work: Callable[[str, Windows], list[CellStatistics]]) -> Cells:
    return dict(side_by_side(lambda name: work(name, subject.windows[name]), list(subject.windows)))


def _with_replicates(collector: Collector, count: int, name: str, windows: Windows) -> list[CellStatistics]:
    places = range(len(windows.ids))
    pieces = deal(places, count) if count else []
    return [found.statistics for found in collector.collect_each(name, windows, [places, *pieces])]


def _apart(collector: Collector, name: str, windows: Windows) -> list[CellStatistics]:
    return [collector.collect(name, piece).statistics for piece in (windows, *_pieces(windows, 2))]


def _pieces(windows: Windows, count: int) -> list[Windows]:
    return [Windows(tuple(windows.ids[place] for place in piece)) for piece in deal(range(len(windows.ids)), count)]


def _beyond(some: Cells, others: Cells) -> float:
    """The share of 1/[H⁻¹]_jj in which two ways differ by more than `TOLERANCE`."""
    differences = [
        np.abs(one.inputs[name].inverse_diagonal / other.inputs[name].inverse_diagonal - 1)
        for language, found in some.items()
        for one, other in zip(found, others[language], strict=True)
        for name in one.inputs
    ]
    return float((np.concatenate(differences) > TOLERANCE).mean())
