"""The calibration stage: every planned cell's statistics, from the store where they are, else from the model."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from langgeo_core.calibration.parallel import one_by_one, side_by_side
from langgeo_core.calibration.selection import select
from langgeo_core.calibration.shared_passes import in_part, with_their_parts
from langgeo_core.calibration.windows import Windows, union
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.errors import ConfigError, LanggeoError, Problem, UserError
from langgeo_core.contract.protocols import HeadedModel, LoadedModel, PerWeightScorer
from langgeo_core.contract.types import CellStatistics, Incident, Layout, WeightSums
from langgeo_core.planning.plan import Plan, PlannedCell, per_weight_scorer
from langgeo_core.storage.store import CellRecord, DamagedCellError, Store
from langgeo_core.system.progress import progress

if TYPE_CHECKING:
    from langgeo_core.calibration.collect import Collector
    from langgeo_core.calibration.gradients import GradientCollector
    from langgeo_core.calibration.modes import OnePass, Sequential
    from langgeo_core.calibration.sequential import Texts
    from langgeo_core.calibration.sums import Collected


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
        self.read: dict[PlannedCell, dict[str, str]] = {}
        self.computed: dict[str, str] = {}

    def run(self, cells: Sequence[PlannedCell]) -> dict[PlannedCell, CellResult]:
        """Fill the cells with what the config's scorer reads."""
        scorer = per_weight_scorer(self.plan.config)
        return self._diagonals(cells) if scorer is None else self._sums(cells, scorer)

    def _diagonals(self, cells: Sequence[PlannedCell]) -> dict[PlannedCell, CellResult]:
        from langgeo_core.calibration.collect import Collector
        from langgeo_core.calibration.modes import Sequential, open_road

        settings = self.settings
        road = open_road(self.plan.models[self.name], self.name, settings)
        self.computed = {"device": str(road.device), "mode": road.mode}
        windows, layout = self._windows(road.model, cells), self._layout(road)
        groups = with_their_parts(cells, windows, settings.batch)
        with Collector(road.model, layout, settings.batch, settings.bos, settings.damping) as collector:
            if isinstance(road, Sequential):
                return self._filled(self._together(collector, road, windows, groups), len(cells))
            spread = side_by_side if road.device.type == "cpu" else one_by_one
            work = spread(partial(self._with_parts, collector, windows), groups)
            return self._filled((pair for _, pairs in work for pair in pairs), len(cells))

    def _together(
        self,
        collector: Collector,
        road: Sequential,
        chosen: Mapping[PlannedCell, Windows | int],
        groups: Sequence[Sequence[PlannedCell]],
    ) -> Iterable[tuple[PlannedCell, CellResult]]:
        """As many cells through each block as fit in memory; a cell's seconds are its share of the group's."""
        from langgeo_core.calibration.sequential import collect_together

        for cell, windows in chosen.items():
            if isinstance(windows, int):
                yield cell, self._skipped(cell, windows)
        counted = [
            (cells, union(_read(cells, chosen)[1:])) for cells in groups if isinstance(chosen[cells[0]], Windows)
        ]
        for group in road.groups(counted, self.settings.batch):
            started = time.perf_counter()
            found = collect_together(collector, road.model, [_read(cells, chosen) for cells, _ in group])
            filled = [cell for cells, _ in group for cell in cells]
            seconds = (time.perf_counter() - started) / len(filled)
            for cell, collected in zip(filled, found, strict=True):
                yield cell, self._saved(cell, collected, seconds)

    def _sums(self, cells: Sequence[PlannedCell], scorer: PerWeightScorer) -> dict[PlannedCell, CellResult]:
        """One cell after the other: two would not gain much time, and hold twice the sums and the logits."""
        from langgeo_core.calibration.gradients import GradientCollector
        from langgeo_core.calibration.modes import OnePass, chosen_device

        if self.settings.mode == "sequential":
            message = "calibration.mode=sequential: a scorer that needs a loss reads the whole model at once"
            raise UserError(message, "leave calibration.mode out, or choose a separable scorer, such as sparsegpt")
        device = chosen_device(self.settings)
        model = self.plan.models[self.name]
        if not isinstance(model, HeadedModel):
            name = self.plan.config.one("scorers").name
            message = f"the scorer {name} needs a loss, and the model {self.name} cannot be loaded with its head"
            raise UserError(message, "choose a separable scorer, such as sparsegpt")
        causal = model.load_causal(self.settings.dtype)
        causal.causal.to(device)
        self.computed = {"device": str(device), "mode": "one-pass"}
        windows, layout = self._windows(causal, cells), self._layout(OnePass(causal, device))
        with GradientCollector(causal, layout, scorer, self.settings.bos) as collector:
            return self._filled(one_by_one(partial(self._weight_sums, collector, windows), cells), len(cells))

    def _filled(self, work: Iterable[tuple[PlannedCell, CellResult]], cells: int) -> dict[PlannedCell, CellResult]:
        results: dict[PlannedCell, CellResult] = {}
        with progress(f"calibrate {self.name}", cells, self.quiet) as shown:
            for cell, result in work:
                results[cell] = result
                shown.advance(f"{cell.corpus} {cell.language}")
        return results

    def _layout(self, road: OnePass | Sequential) -> Layout:
        sha256 = self.plan.model_identities[self.name].weights_sha256
        layout = self.store.layout(sha256)
        if layout is None:
            layout = road.layout(road.model.encode("probe")[:1] * 4)
            self.store.save_layout(sha256, layout)
        return layout

    def _windows(self, loaded: LoadedModel, cells: Sequence[PlannedCell]) -> dict[PlannedCell, Windows | int]:
        """The windows of every cell, or how many tokens there are where the cell is skipped; all faults at once."""
        problems: list[Problem] = []
        chosen: dict[PlannedCell, Windows | int] = {}
        for cell in cells:
            try:
                text = self.plan.corpora[cell.corpus].read(cell.language)
                selection = in_part(select(text.documents, loaded.encode, self.settings), cell.part)
                self.available[cell], chosen[cell] = selection.available, selection.windows
                self.read[cell] = {"source": text.source, "text": text.fingerprint, "windows": selection.fingerprint}
            except LanggeoError as failure:
                where = f"{cell.model}, {cell.corpus}, {cell.language}"
                problems.append(Problem(where, failure.message, failure.hint))
        if problems:
            raise ConfigError(problems)
        return chosen

    def _with_parts(
        self, collector: Collector, chosen: Mapping[PlannedCell, Windows | int], cells: Sequence[PlannedCell]
    ) -> list[tuple[PlannedCell, CellResult]]:
        """A cell, and the parts of its text that come of the same forward passes; each has its share of the time."""
        skipped = chosen[cells[0]]
        if isinstance(skipped, int):
            return [(cells[0], self._skipped(cells[0], skipped))]
        language, whole, *parts = _read(cells, chosen)
        started = time.perf_counter()
        found = collector.collect_with_parts(language, whole, parts)
        seconds = (time.perf_counter() - started) / len(cells)
        return [(cell, self._saved(cell, one, seconds)) for cell, one in zip(cells, found, strict=True)]

    def _weight_sums(
        self, collector: GradientCollector, chosen: Mapping[PlannedCell, Windows | int], cell: PlannedCell
    ) -> CellResult:
        windows = chosen[cell]
        if isinstance(windows, int):
            return self._skipped(cell, windows)
        started = time.perf_counter()
        collected = collector.collect(cell.language, windows)
        return self._saved(cell, collected, time.perf_counter() - started)

    def _skipped(self, cell: PlannedCell, tokens: int) -> CellResult:
        return _result(cell, "skipped", self.store.save_skipped(cell.key, tokens))

    def _saved(
        self, cell: PlannedCell, collected: Collected[CellStatistics] | Collected[WeightSums], seconds: float
    ) -> CellResult:
        notes = (*self._shortness(cell), *collected.notes)
        statistics = collected.statistics
        record = self.store.save(cell.key, statistics, round(seconds, 3), notes, self._provenance(cell))
        return _result(cell, "calibrated", record)

    def _shortness(self, cell: PlannedCell) -> Iterable[str]:
        if self.available[cell] < self.settings.tokens and not cell.part:
            repeated = ", repeated" if self.settings.short == "cycle" else ""
            unit = self.settings.unit
            yield f"{self.available[cell]} of {self.settings.tokens} {unit}: all there are{repeated}"

    def _provenance(self, cell: PlannedCell) -> dict[str, Any]:
        import torch

        return {
            "model": self.plan.model_identities[cell.model].name,
            "corpus": self.plan.corpus_identities[cell.corpus].name,
            "language": cell.language,
            **self.read[cell],
            "dtype": self.settings.dtype,
            **self.computed,
            "torch": torch.__version__,
        }


def _read(cells: Sequence[PlannedCell], chosen: Mapping[PlannedCell, Windows | int]) -> Texts:
    """What a cell that is not skipped and the parts of its text read."""
    whole, *parts = (windows for cell in cells if isinstance(windows := chosen[cell], Windows))
    return cells[0].language, whole, *parts
