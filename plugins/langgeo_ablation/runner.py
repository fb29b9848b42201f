"""Runs every variant into a folder of its own.

Variants with cells to calibrate run one after the other, as calibration uses every processor by itself. The others run
side by side where each takes long enough; those that share stages wait for the one whose results they take over.
"""

from __future__ import annotations

import json
import shutil
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from langgeo_ablation import workers
from langgeo_ablation.reuse import finished_record, nearest
from langgeo_ablation.variants import Variant, one_line
from langgeo_core.comparison.pairwise import Recipe
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.contract.errors import LanggeoError, StorageError
from langgeo_core.evaluation.baselines import Memo
from langgeo_core.pipeline import run as pipeline
from langgeo_core.planning.plan import make_plan
from langgeo_core.storage.store import DamagedCellError, Store
from langgeo_core.system.cache import cache_folder
from langgeo_core.system.files import storage_errors, write_text

Status = Literal["ok", "skipped", "degenerate"]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What became of a variant. `kept`: it was finished before; then its cells count as reused."""

    variant: Variant
    status: Status
    folder: Path
    reason: str = ""
    cells_calibrated: int = 0
    cells_reused: int = 0
    seconds: float = 0.0
    kept: bool = False


class Runner:
    """Runs variants below one folder, a finished one never twice.

    Parameters
    ----------
    folder : holds a folder for each variant, named like it
    reload : reads the config that a folder holds
    tell : is told of each variant before it is run
    """

    def __init__(self, folder: Path, reload: pipeline.Reload, quiet: bool, tell: Tell) -> None:
        self.folder, self.reload, self.quiet, self.tell = folder, reload, quiet, tell
        self._done: dict[Path, ResolvedConfig] = {}
        self._baselines: Memo = {}
        self._total = 0

    def run(self, variants: Sequence[Variant]) -> list[Outcome]:
        """The outcome of every variant; a failure of the first, the baseline, is raised, others are recorded."""
        self._total = len(variants)
        outcomes: dict[str, Outcome] = {}
        waiting: list[Variant] = []
        for variant in variants:
            if self._can_wait(variant, [*outcomes.values()]):
                waiting.append(variant)
            else:
                self._announce(variant, len(outcomes) + len(waiting))
                outcomes[variant.name] = self._outcome(variant)
        for outcome in self._side_by_side(waiting, len(outcomes)):
            outcomes[outcome.variant.name] = outcome
        return [outcomes[variant.name] for variant in variants]

    def _announce(self, variant: Variant, before: int) -> None:
        self.tell(f"variant {before + 1}/{self._total}: {variant.name}")

    def _can_wait(self, variant: Variant, before: Sequence[Outcome]) -> bool:
        """Whether it is to be run beside others: it makes sense, is not finished, has its cells, and takes long."""
        if variant.config is None or not before or workers.processors() < 2 or not _takes_long(before[0]):
            return False
        try:
            if _fills_memory(variant.config):
                return False
            _check_form(variant.config)
            finished = finished_record(variant.config, self.folder / variant.name, self.reload)
            return finished is None and _has_cells(variant.config)
        except LanggeoError:
            return False  # told when it is run

    def _side_by_side(self, waiting: list[Variant], before: int) -> Iterator[Outcome]:
        """In rounds: whatever shares stages with an earlier one comes in a later round."""
        while waiting:
            configs = {Path(variant.name): variant.config for variant in waiting if variant.config}
            names = list(configs)
            first = [
                variant
                for place, variant in enumerate(waiting)
                if variant.config and not nearest(variant.config, {n: configs[n] for n in names[:place]})[0]
            ]
            waiting = [variant for variant in waiting if variant not in first]
            for variant in first:
                self._announce(variant, before)
                before += 1
            yield from self._round(first)

    def _round(self, variants: Sequence[Variant]) -> Iterator[Outcome]:
        tasks = {self._task(variant): variant for variant in variants}
        for task, done in workers.side_by_side(list(tasks), self._baselines):
            variant, folder = tasks[task], task.folder
            self._baselines.update(done.baselines)
            if done.failure:
                _keep_traceback(folder, done.trace)
                yield Outcome(variant, "skipped", folder, done.failure)
                continue
            assert variant.config is not None
            self._done[folder] = variant.config
            yield _outcome_of(variant, folder, done.record, round(sum(done.record["times"].values()), 3))

    def _task(self, variant: Variant) -> workers.Task:
        """A folder with what other variants have of its stages, and its config beside it for a worker to read."""
        assert variant.config is not None
        folder = self.folder / variant.name
        start = self._take_over(variant.config, folder)
        file = self.folder / f"{variant.name}.yaml"
        write_text(file, variant.config.to_yaml())
        return workers.Task(file, folder, start)

    def _outcome(self, variant: Variant) -> Outcome:
        folder = self.folder / variant.name
        if variant.config is None:
            return Outcome(variant, "skipped", folder, variant.reason)
        try:
            return self._ran(variant, variant.config, folder)
        except StorageError:
            raise  # a full disk is no property of the variant
        except Exception as failure:
            if variant.is_baseline:
                raise
            _keep_traceback(folder, traceback.format_exc())
            return Outcome(variant, "skipped", folder, one_line(failure))

    def _ran(self, variant: Variant, config: ResolvedConfig, folder: Path) -> Outcome:
        _check_form(config)
        started = time.perf_counter()
        record = finished_record(config, folder, self.reload)
        kept = record is not None
        if record is None:
            start = self._take_over(config, folder)
            record = pipeline.run(config, folder, start, quiet=self.quiet, reload=self.reload, memo=self._baselines)
        self._done[folder] = config
        return _outcome_of(variant, folder, record, round(time.perf_counter() - started, 3), kept)

    def _take_over(self, config: ResolvedConfig, folder: Path) -> str:
        """Copy what another variant has, and say the first stage whose result none has."""
        with storage_errors(folder):
            if folder.exists():
                shutil.rmtree(folder)
            other, start = nearest(config, self._done)
            if other:
                shutil.copytree(other, folder, ignore=shutil.ignore_patterns("run.log"))
        return start


def _outcome_of(
    variant: Variant, folder: Path, record: Mapping[str, Any], seconds: float, kept: bool = False
) -> Outcome:
    calibrated = 0 if kept else record["cells_calibrated"]
    cells = record["cells_calibrated"] + record["cells_reused"]
    status: Status = "degenerate" if record["status"] == "degenerate" else "ok"
    return Outcome(variant, status, folder, "", calibrated, cells - calibrated, seconds, kept)


def _check_form(config: ResolvedConfig) -> None:
    """Raises UserError where the components do not fit, before any work."""
    if not config.settings.matrix:
        _ = Recipe.of(config).form


def _fills_memory(config: ResolvedConfig) -> bool:
    """Whether comparing holds all weights of a model at once."""
    return not config.settings.matrix and config.one("quantizers").build().scope == "global"


def _takes_long(baseline: Outcome) -> bool:
    """Whether what comes after calibration took the baseline long enough."""
    times: dict[str, float] = json.loads((baseline.folder / "run.json").read_text(encoding="utf-8"))["times"]
    return sum(seconds for stage, seconds in times.items() if stage != "calibrate") > workers.SHORTEST


def _has_cells(config: ResolvedConfig) -> bool:
    """Whether the store has every cell of it."""
    store = Store(cache_folder())
    try:
        return all(store.find(cell.key) for cell in make_plan(config).cells if cell.key)
    except DamagedCellError:
        return False


def _keep_traceback(folder: Path, trace: str) -> None:
    if folder.is_dir():
        with (folder / "run.log").open("a", encoding="utf-8") as file:
            file.write(trace)
