"""A whole text and its two halves: one set of forward passes for all three against passes for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.measure import ROUNDS, Result, cores, how, interleaved, ratio
from benchmarks.subject import DAMPING, Subject, load
from langgeo_core.api import CellStatistics
from langgeo_core.calibration.cells import side_by_side
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.windows import Windows
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.planning.texts import deal

TOLERANCE = 1e-3
Cells = dict[str, list[CellStatistics]]


def run() -> list[Result]:
    """Wall time of `reliability.replicates=2`, a language for each processor."""
    subject = load(cores())
    settings = CalibrationSettings()
    with Collector(subject.model, subject.layout, settings.batch, settings.bos, DAMPING) as collector:
        timings = interleaved(
            {
                "together": lambda: _side_by_side(subject, partial(_together, collector)),
                "apart": lambda: _side_by_side(subject, partial(_apart, collector)),
            }
        )
    beyond = _beyond(timings["together"].value, timings["apart"].value)
    note = (
        f"{subject.name}, 2,048 tokens and twice 1,024; {timings['together'].seconds:.1f} against "
        f"{timings['apart'].seconds:.1f} s for {cores()} languages; {beyond:.1e} of the inverse diagonals differ by "
        f"more than {TOLERANCE:g} relatively; {how(ROUNDS, cores())}"
    )
    return [Result("halves", ratio(timings, "apart", "together"), None, beyond < TOLERANCE, "wall time", note)]


def _side_by_side(subject: Subject, work: Callable[[str, Windows], list[CellStatistics]]) -> Cells:
    return dict(side_by_side(lambda name: work(name, subject.windows[name]), list(subject.windows)))


def _together(collector: Collector, name: str, windows: Windows) -> list[CellStatistics]:
    places = range(len(windows.ids))
    return [found.statistics for found in collector.collect_each(name, windows, [places, *deal(places, 2)])]


def _apart(collector: Collector, name: str, windows: Windows) -> list[CellStatistics]:
    halves = [Windows(tuple(windows.ids[place] for place in half)) for half in deal(range(len(windows.ids)), 2)]
    return [collector.collect(name, piece).statistics for piece in (windows, *halves)]


def _beyond(together: Cells, apart: Cells) -> float:
    """The share of 1/[H⁻¹]_jj in which the two ways differ by more than `TOLERANCE`."""
    differences = [
        np.abs(one.inputs[name].inverse_diagonal / other.inputs[name].inverse_diagonal - 1)
        for language, found in together.items()
        for one, other in zip(found, apart[language], strict=True)
        for name in one.inputs
    ]
    return float((np.concatenate(differences) > TOLERANCE).mean())
