"""The calibration stage: every planned cell's statistics, from the store where they are, else from the model."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, cycle, islice
from typing import TYPE_CHECKING, Any, TypeVar

from langgeo_core.calibration.windows import RunWindows, Selection, Windows
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.protocols import HeadedModel, LoadedModel, PerWeightScorer, WeightCollector
from langgeo_core.contract.records import Scorer
from langgeo_core.contract.types import CellStatistics, Collected, Incident, Layout, WeightSums
from langgeo_core.planning.plan import Plan, PlannedCell, per_weight_scorer
from langgeo_core.plugins.registry import components
from langgeo_core.storage.store import CellRecord, DamagedCellError, Store
from langgeo_core.system.locks import remove_leftovers, this_process
from langgeo_core.system.progress import progress

if TYPE_CHECKING:
    from langgeo_core.calibration.collect import Collector
    from langgeo_core.calibration.modes import Sequential

notice = logging.getLogger("langgeo.notice")

Item = TypeVar("Item")
Result = TypeVar("Result")
Cells = tuple[PlannedCell, ...]
"""Those of one text: the whole and its replicates, as far as they are to be filled."""
Filled = list[tuple[PlannedCell, "CellResult"]]
"""Cells of a text with their results."""
Results = Iterator[tuple[PlannedCell, "CellResult"]]
Elsewhere = Callable[[Sequence[PlannedCell]], Iterable[Incident]]
ASKED = {"reused": "calibrated", "skipped": "skipped"}
"""The status of a cell that others filled for this run, by what it would be if they had done so before."""
Tried = Iterable[tuple[Cells, Filled | None]]
"""Texts with what came of each; None where another run is filling it."""


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
    """The cells of whole texts and of replicates in the order of the plan, and what did not go as configured."""

    cells: list[CellResult]
    replicates: list[CellResult]
    incidents: list[Incident]


def calibrate(
    plan: Plan, store: Store, windows: RunWindows, quiet: bool = False, elsewhere: Elsewhere | None = None
) -> Calibrated:
    """Fill every cell of the plan. A model with nothing left to do is not loaded, and equal cells are filled once.

    Parameters
    ----------
    elsewhere : given the cells to be filled, has them filled by others and returns what did not go as configured

    Raises
    ------
    ConfigError
        With every text that is too short, before any model is loaded.
    """
    incidents: list[Incident] = []
    results = {cell: _stored(cell, store, incidents) for cell in (*plan.cells, *plan.replicates)}
    unfilled = {cell.key: cell for cell in reversed(results) if results[cell] is None}
    missing = [cell for cell in results if unfilled.get(cell.key) is cell]
    windows.check(missing)
    if missing:
        remove_leftovers(store.folder / "cells")
    if missing and elsewhere is not None:
        incidents.extend(elsewhere(missing))
        brought = {cell: _stored(cell, store, incidents) for cell in missing}
        results |= {cell: found and replace(found, status=ASKED[found.status]) for cell, found in brought.items()}
        missing = [cell for cell in missing if results[cell] is None]
    layouts = {name: _stored_layout(plan, name, store, incidents) for name in plan.models}
    for name in plan.models:
        texts: dict[tuple[str, str], Cells] = {}
        for cell in missing:
            if cell.model == name:
                text = cell.corpus, cell.language
                texts[text] = (*texts.get(text, ()), cell)
        if texts or layouts[name] is None:
            work = _Work(plan, store, name, windows, quiet, layouts[name])
            results.update(work.run(list(texts.values())))
            incidents.extend(work.incidents)
    filled = {cell: result or _stored(cell, store, incidents) for cell, result in results.items()}
    done = [result for result in filled.values() if result is not None]
    for place, result in enumerate(done):
        notes = result.record.notes if result.record else ()
        if result.status == "skipped" and place < len(plan.cells):
            notes = (*notes, f"only {result.tokens} tokens; skipped")
        where = f"{result.model}, {result.corpus}, {result.language}"
        incidents.extend(Incident("calibrate", f"{where}: {note}") for note in notes)
    return Calibrated(done[: len(plan.cells)], done[len(plan.cells) :], incidents)


def _stored(cell: PlannedCell, store: Store, incidents: list[Incident]) -> CellResult | None:
    if not cell.key:
        return CellResult(cell.model, cell.corpus, cell.language, "missing")
    try:
        record = store.first(cell.keys)
    except DamagedCellError as damage:
        incidents.append(Incident("calibrate", f"{cell.language}: {damage}; computed again"))
        return None
    return _result(cell, "reused", record) if record else None


def _stored_layout(plan: Plan, model: str, store: Store, incidents: list[Incident]) -> Layout | None:
    try:
        return store.layout(plan.model_identities[model].weights_sha256)
    except DamagedCellError as damage:
        incidents.append(Incident("calibrate", f"the layout of {model}: {damage}; made again"))
        return None


def _result(cell: PlannedCell, status: str, record: CellRecord) -> CellResult:
    where = cell.model, cell.corpus, cell.language
    if record.skipped:
        return CellResult(*where, "skipped", record.tokens)
    return CellResult(*where, status, record.tokens, record.seconds, record.file.name, record.sha256, record)


class _Work:
    """One model with its cells."""

    def __init__(
        self, plan: Plan, store: Store, model: str, windows: RunWindows, quiet: bool, layout: Layout | None
    ) -> None:
        self.plan, self.store, self.name, self.layout = plan, store, model, layout
        self.windows, self.quiet = windows, quiet
        self.settings = plan.config.settings.calibration
        self.computed: dict[str, str] = {}
        self.wholes = {(cell.corpus, cell.language): cell.key for cell in plan.cells if cell.model == model}
        self.incidents: list[Incident] = []

    def run(self, texts: Sequence[Cells]) -> dict[PlannedCell, CellResult]:
        """Fill the cells of each text with what the config's scorer reads."""
        scorer = per_weight_scorer(self.plan.config)
        results: dict[PlannedCell, CellResult] = {}
        with progress(f"calibrate {self.name}", sum(map(len, texts)), self.quiet) as advance:
            for cell, result in self._diagonals(texts) if scorer is None else self._sums(texts, scorer):
                results[cell] = result
                advance(f"{cell.corpus} {cell.language}")
        return results

    def _until_filled(self, fill: Callable[[Sequence[Cells]], Tried], texts: Sequence[Cells]) -> Results:
        """Fill the texts; those that other runs are filling are come back to until they are filled, there or here."""
        left = texts
        while left:
            waiting = []
            for cells, filled in fill(left):
                if filled is None:
                    waiting.append(cells)
                yield from filled or ()
            if len(waiting) == len(left):
                time.sleep(0.3)  # before another look at what all the others are filling
            elif waiting:
                notice.info("%s: %d texts are being calibrated by other runs; waiting", self.name, len(waiting))
            left = waiting

    @contextmanager
    def _claim(self, cells: Cells) -> Iterator[tuple[Filled, Cells] | None]:
        """What others have filled of a text, and the cells that are left to this run; None while another is at it.

        A claim is on the cell of the whole text, since that and the replicates are summed in the same passes.
        """
        with self.store.claim(self.wholes[cells[0].corpus, cells[0].language]) as mine:
            if not mine:
                yield None
                return
            found = {cell: _stored(cell, self.store, []) for cell in cells}
            filled = [(cell, result) for cell, result in found.items() if result]
            yield filled, tuple(cell for cell, result in found.items() if result is None)

    def _diagonals(self, texts: Sequence[Cells]) -> Results:
        """Those of separable scorers: side by side on a processor, one after the other elsewhere."""
        from langgeo_core.calibration.collect import Collector
        from langgeo_core.calibration.modes import Sequential, open_model
        from langgeo_core.calibration.sequential import runner

        settings, replicates = self.settings, self.plan.config.settings.reliability.replicates
        needs = self.plan.needs
        inverse = "inverse" in needs.statistics
        opened = open_model(self.plan.models[self.name], self.name, settings, replicates, inverse)
        self.computed = {"device": str(opened.device), "mode": opened.mode}
        layout = needs.layout(self.name, self._layout(opened.model, texts))
        collector = Collector(opened.model, layout, settings.batch, settings.bos, settings.damping, inverse)
        if changed := collector.check_padding(self._windows(texts), runner(opened.model)):
            self.computed["batches"] = "windows of equal length"
            message = f"padding changes what {type(opened.model.network).__name__} reads, by up to {changed:.1%}"
            self.incidents.append(
                Incident("calibrate", f"{self.name}: {message}; only windows of equal length share a forward pass")
            )
        with collector:
            text = partial(self._text, collector)
            fill: Callable[[Sequence[Cells]], Tried] = partial(side_by_side, text)
            if isinstance(opened, Sequential):
                fill = partial(self._together, collector, opened)
            elif opened.device.type != "cpu":  # one after the other: two may not fit in its memory
                fill = partial(map, lambda cells: (cells, text(cells)))
            yield from self._until_filled(fill, texts)

    def _together(self, collector: Collector, opened: Sequential, texts: Sequence[Cells]) -> Tried:
        """As many texts through each block as fit in memory; a cell's seconds are its share of the group's."""
        from langgeo_core.calibration.sequential import runner

        counted: list[tuple[Cells, Windows]] = []
        for cells in texts:
            windows = self._selection(cells).windows
            if isinstance(windows, int):
                yield cells, self._skipped(cells, windows)
            else:
                counted.append((cells, windows))
        for group in opened.groups(counted, self.settings.batch):
            with ExitStack() as claims:
                started = time.perf_counter()
                read: list[tuple[str, Windows, list[Sequence[int]]]] = []
                left: list[PlannedCell] = []
                for cells, windows in group:
                    claimed = claims.enter_context(self._claim(cells))
                    yield cells, claimed and claimed[0]
                    if claimed and claimed[1]:
                        pieces = self.windows.pieces(self._selection(cells), claimed[1])
                        read.append((cells[0].language, windows, pieces))
                        left.extend(claimed[1])
                found = collector.collect_together(read, runner(opened.model)) if read else ()
                seconds = (time.perf_counter() - started) / max(1, len(left))
                for cell, collected in zip(left, found, strict=True):
                    yield (cell,), [(cell, self._saved(cell, collected, seconds))]

    def _sums(self, texts: Sequence[Cells], scorer: PerWeightScorer) -> Results:
        """One text after the other: two would not gain much time, and hold twice the sums and the logits."""
        from langgeo_core.calibration.modes import chosen_device

        if self.settings.mode == "sequential":
            message = "calibration.mode=sequential: a scorer that needs a loss reads the whole model at once"
            raise UserError(message, "remove calibration.mode, or choose a separable scorer")
        device = chosen_device(self.settings)
        model = self.plan.models[self.name]
        if not isinstance(model, HeadedModel):
            name = self.plan.config.one("scorers").name
            message = f"the scorer {name} needs a loss, and the model {self.name} cannot be loaded with its head"
            raise UserError(message, "choose a separable scorer")
        causal = model.load_causal(self.settings.dtype)
        causal.causal.to(device)
        self.computed = {"device": str(device), "mode": "one-pass"}
        layout = self._layout(causal, texts)
        brought = next(one for one in components("scorers") if isinstance(one, Scorer) and one.collector)
        opened: WeightCollector = brought.load("collector")(causal, layout, scorer, self.settings.bos)
        with opened as collector:
            yield from self._until_filled(partial(map, lambda cells: (cells, self._text(collector, cells))), texts)

    def _text(self, collector: Collector | WeightCollector, cells: Cells) -> Filled | None:
        """The cells of one text, from the same passes, each with its share of the time; None if another fills them."""
        with self._claim(cells) as claimed:
            if claimed is None:
                return None
            filled, left = claimed
            selection = self._selection(cells)
            if isinstance(selection.windows, int):
                return [*filled, *self._skipped(left, selection.windows)]
            if not left:
                return filled
            started = time.perf_counter()
            pieces = self.windows.pieces(selection, left)
            found: Sequence[Collected[Any]] = collector.collect_each(cells[0].language, selection.windows, pieces)
            seconds = (time.perf_counter() - started) / len(left)
            return [*filled, *((cell, self._saved(cell, one, seconds)) for cell, one in zip(left, found, strict=True))]

    def _selection(self, cells: Cells) -> Selection:
        return self.windows.of(self.name, cells[0].corpus, cells[0].language)

    def _windows(self, texts: Sequence[Cells]) -> Iterator[Windows]:
        """Those of the texts that are not skipped."""
        for cells in texts:
            if not isinstance(windows := self._selection(cells).windows, int):
                yield windows

    def _layout(self, model: LoadedModel, texts: Sequence[Cells]) -> Layout:
        from langgeo_core.calibration.inputs import find_layout
        from langgeo_core.calibration.sequential import runner

        identity = self.plan.model_identities[self.name]
        if self.layout is None:
            tokens = chain.from_iterable(chain.from_iterable(windows.ids for windows in self._windows(texts)))
            probe = list(islice(cycle(chain(tokens, model.encode("probe"), [0])), 4))
            try:
                self.layout = find_layout(model.network, probe, runner(model))
            except UserError as failure:
                raise UserError(f"the model {identity.name}: {failure.message}", failure.hint) from failure
            self.store.save_layout(identity.weights_sha256, self.layout)
        return self.layout

    def _skipped(self, cells: Cells, tokens: int) -> Filled:
        return [(cell, _result(cell, "skipped", self.store.save_skipped(cell.key, tokens))) for cell in cells]

    def _saved(
        self, cell: PlannedCell, collected: Collected[CellStatistics] | Collected[WeightSums], seconds: float
    ) -> CellResult:
        import torch

        selection, wanted, notes = self._selection((cell,)), self.settings.tokens, collected.notes
        if selection.available < wanted and cell.replicate is None:
            what = "repeated to fill the rest" if self.settings.short == "cycle" else "all used"
            notes = (f"only {selection.available:,} of {wanted:,} {self.settings.unit} available; {what}", *notes)
        text, settings = self.plan.texts.read(cell.corpus, cell.language), self.plan.config.settings
        piece = {} if cell.replicate is None else {"replicate": cell.replicate, **settings.reliability.model_dump()}
        provenance = {
            "model": self.plan.model_identities[cell.model].name,
            "corpus": self.plan.corpus_identities[cell.corpus].name,
            "language": cell.language,
            "source": text.source,
            "text": text.fingerprint,
            "windows": selection.fingerprint,
            **piece,
            "dtype": self.settings.dtype,
            **self.computed,
            "by": this_process(),
            "saved": round(time.time(), 3),
            "torch": torch.__version__,
        }
        record = self.store.save(cell.key, collected.statistics, round(seconds, 3), notes, provenance)
        return _result(cell, "calibrated", record)


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[tuple[Item, Result]]:
    """(item, work(item)) as they are done, in any order, each in one thread. After a failure nothing new is begun.

    A cell's arithmetic is many small matrix products: threads within one of them wait for each other more than they
    work, threads over cells do not. It also makes a cell's numbers independent of how many threads there are.
    """
    with _single_threaded() as threads, ThreadPoolExecutor(max(1, min(threads, len(items)))) as pool:
        futures = {pool.submit(work, item): item for item in items}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _single_threaded() -> Iterator[int]:
    """Keep torch and BLAS to one thread each; gives how many threads torch had."""
    import torch
    from threadpoolctl import threadpool_limits

    import langgeo_core.calibration.gram  # noqa: F401  its BLAS has to be loaded to be limited

    threads: int = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield threads
    finally:
        torch.set_num_threads(threads)
