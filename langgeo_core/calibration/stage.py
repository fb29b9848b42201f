"""The calibration stage: every planned cell's statistics, from the store where they are, else from the model."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from langgeo_core.calibration.parallel import side_by_side
from langgeo_core.calibration.windows import Windows, choose_windows, is_enough, repeat_windows
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.errors import ConfigError, LanggeoError, Problem, UserError
from langgeo_core.plan import Plan, PlannedCell
from langgeo_core.progress import progress
from langgeo_core.protocols import LoadedModel
from langgeo_core.store import CellRecord, DamagedCellError, Store
from langgeo_core.types import Incident, Layout

if TYPE_CHECKING:
    from langgeo_core.calibration.collect import Collector

TINY = 16
"""Fewer tokens than this are an error whatever the policy."""


@dataclass(frozen=True)
class CellResult:
    """A row of cells.csv. `status` is calibrated, reused, skipped (too short) or missing (no text)."""

    model: str
    corpus: str
    language: str
    status: str
    tokens: int = 0
    seconds: float = 0.0
    statistics: str = ""
    sha256: str = ""
    record: CellRecord | None = field(default=None, repr=False)


@dataclass
class Calibrated:
    """All cells in the order of the plan, and what went otherwise than configured."""

    cells: list[CellResult]
    incidents: list[Incident]


def calibrate(plan: Plan, store: Store, quiet: bool = False) -> Calibrated:
    """Fill every cell of the plan. A model with nothing left to do is not loaded, and equal cells are filled once."""
    incidents: list[Incident] = []
    results = {cell: _stored(cell, store, incidents) for cell in plan.cells}
    unfilled = {cell.key: cell for cell in reversed(results) if results[cell] is None}
    for name in plan.models:
        missing = [cell for cell in plan.cells if cell.model == name and unfilled.get(cell.key) is cell]
        if missing or store.layout(plan.model_identities[name].weights_sha256) is None:
            results.update(_Work(plan, store, name, incidents, quiet).run(missing))
    filled = {cell: result or _stored(cell, store, incidents) for cell, result in results.items()}
    done = [result for result in filled.values() if result is not None]
    for result in done:
        incidents.extend(_notes(result))
    return Calibrated(done, incidents)


def _stored(cell: PlannedCell, store: Store, incidents: list[Incident]) -> CellResult | None:
    if not cell.key:
        return CellResult(cell.model, cell.corpus, cell.language, "missing")
    try:
        record = store.find(cell.key)
    except DamagedCellError as damage:
        incidents.append(Incident("calibrate", f"{cell.language}: {damage}; computed again"))
        return None
    return _result(cell, "reused", record) if record else None


def _result(cell: PlannedCell, status: str, record: CellRecord) -> CellResult:
    if record.skipped:
        return CellResult(cell.model, cell.corpus, cell.language, "skipped", record.tokens)
    return CellResult(
        cell.model,
        cell.corpus,
        cell.language,
        status,
        record.tokens,
        record.seconds,
        record.file.name,
        record.sha256,
        record,
    )


def _notes(result: CellResult) -> Iterable[Incident]:
    for note in result.record.notes if result.record else ():
        yield Incident("calibrate", f"{result.model}, {result.corpus}, {result.language}: {note}")
    if result.status == "skipped":
        text = f"{result.model}, {result.corpus}, {result.language}: only {result.tokens} tokens; skipped"
        yield Incident("calibrate", text)


class _Work:
    """One model with its cells."""

    def __init__(self, plan: Plan, store: Store, model: str, incidents: list[Incident], quiet: bool) -> None:
        self.plan, self.store, self.name = plan, store, model
        self.incidents, self.quiet = incidents, quiet
        self.settings: CalibrationSettings = plan.config.settings.calibration
        self.available: dict[PlannedCell, int] = {}

    def run(self, cells: Sequence[PlannedCell]) -> dict[PlannedCell, CellResult]:
        loaded = self.plan.models[self.name].load(self.settings.dtype)
        windows = self._windows(loaded, cells)
        layout = self._layout(loaded)
        from langgeo_core.calibration.collect import Collector

        settings = self.settings
        results: dict[PlannedCell, CellResult] = {}
        with (
            Collector(loaded, layout, settings.batch, settings.bos, settings.damping) as collector,
            progress(f"calibrate {self.name}", len(cells), self.quiet) as shown,
        ):
            work = partial(self._cell, collector, windows)
            for cell, result in side_by_side(work, cells):
                results[cell] = result
                shown.advance(f"{cell.corpus} {cell.language}")
        return results

    def _layout(self, loaded: LoadedModel) -> Layout:
        from langgeo_core.calibration.inputs import find_layout

        sha256 = self.plan.model_identities[self.name].weights_sha256
        layout = self.store.layout(sha256)
        if layout is None:
            layout = find_layout(loaded.network, loaded.encode("probe")[:1] * 4)
            self.store.save_layout(sha256, layout)
        return layout

    def _windows(self, loaded: LoadedModel, cells: Sequence[PlannedCell]) -> dict[PlannedCell, Windows | int]:
        """The windows of every cell, or how many tokens there are where the cell is skipped; all faults at once."""
        problems: list[Problem] = []
        chosen: dict[PlannedCell, Windows | int] = {}
        for cell in cells:
            try:
                text = self.plan.corpora[cell.corpus].read(cell.language)
                documents = [loaded.encode(document) for document in text.documents]
                self.available[cell] = sum(map(len, documents))
                chosen[cell] = cell_windows(documents, self.settings)
            except LanggeoError as failure:
                where = f"{cell.model}, {cell.corpus}, {cell.language}"
                problems.append(Problem(where, failure.message, failure.hint))
        if problems:
            raise ConfigError(problems)
        return chosen

    def _cell(self, collector: Collector, chosen: Mapping[PlannedCell, Windows | int], cell: PlannedCell) -> CellResult:
        windows = chosen[cell]
        if isinstance(windows, int):
            return _result(cell, "skipped", self.store.save_skipped(cell.key, windows))
        started = time.perf_counter()
        collected = collector.collect(cell.language, windows)
        notes = (*self._shortness(cell), *collected.notes)
        seconds = round(time.perf_counter() - started, 3)
        record = self.store.save(cell.key, collected.statistics, seconds, notes, self._provenance(cell))
        return _result(cell, "calibrated", record)

    def _shortness(self, cell: PlannedCell) -> Iterable[str]:
        if self.available[cell] < self.settings.tokens:
            repeated = ", repeated" if self.settings.short == "cycle" else ""
            yield f"{self.available[cell]} of {self.settings.tokens} tokens: all there are{repeated}"

    def _provenance(self, cell: PlannedCell) -> dict[str, Any]:
        import torch

        return {
            "model": self.plan.model_identities[cell.model].name,
            "corpus": self.plan.corpus_identities[cell.corpus].name,
            "language": cell.language,
            "dtype": self.settings.dtype,
            "device": "cpu",
            "torch": torch.__version__,
        }


def cell_windows(documents: Sequence[Sequence[int]], settings: CalibrationSettings) -> Windows | int:
    """The windows of one cell under its short-text policy; the number of tokens where it is to be skipped.

    Raises
    ------
    UserError
        If the text is too short and the policy is not to go on.
    """
    windows = choose_windows(documents, settings.tokens, settings.window, settings.seed)
    if windows.tokens < min(TINY, settings.tokens):
        message = f"the text has {windows.tokens} tokens, too few for anything"
        raise UserError(message, "leave the language out, or its file")
    if windows.tokens == settings.tokens:
        return windows
    if settings.short == "cycle":
        return repeat_windows(windows, settings.tokens)
    if settings.short == "skip":
        return windows.tokens
    if settings.short == "use" and is_enough(windows, settings.tokens):
        return windows
    raise UserError(
        f"the text has {windows.tokens} tokens, fewer than the {settings.tokens} asked for",
        "lower calibration.tokens, leave the language out, or set calibration.short to use (three quarters are enough),"
        " skip or cycle",
    )
