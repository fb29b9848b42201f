"""Runs every variant into a folder of its own.

One after the other: calibration, which is the long part, fills a store that all variants share and uses every
processor by itself; what is left of a variant takes seconds and would compete for the same memory.
"""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from langgeo_core import pipeline
from langgeo_core.ablation.reuse import finished_record, nearest
from langgeo_core.ablation.variants import Variant, one_line
from langgeo_core.compare import choose_form
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.errors import StorageError
from langgeo_core.files import storage_errors

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

    def run(self, variants: Sequence[Variant]) -> list[Outcome]:
        """The outcome of every variant; a failure of the first, the baseline, is raised, others are recorded."""
        outcomes = []
        for number, variant in enumerate(variants, start=1):
            self.tell(f"variant {number}/{len(variants)}: {variant.name}")
            outcomes.append(self._outcome(variant))
        return outcomes

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
            _keep_traceback(folder)
            return Outcome(variant, "skipped", folder, one_line(failure))

    def _ran(self, variant: Variant, config: ResolvedConfig, folder: Path) -> Outcome:
        choose_form(config.one("quantizers").build(), config.one("distances").build())
        started = time.perf_counter()
        record = finished_record(config, folder, self.reload)
        kept = record is not None
        if record is None:
            record = self._run_anew(config, folder)
        self._done[folder] = config
        calibrated = 0 if kept else record["cells_calibrated"]
        cells = record["cells_calibrated"] + record["cells_reused"]
        status: Status = "degenerate" if record["status"] == "degenerate" else "ok"
        seconds = round(time.perf_counter() - started, 3)
        return Outcome(variant, status, folder, "", calibrated, cells - calibrated, seconds, kept)

    def _run_anew(self, config: ResolvedConfig, folder: Path) -> dict[str, Any]:
        """From the first stage whose result no other variant has."""
        with storage_errors(folder):
            if folder.exists():
                shutil.rmtree(folder)
            other, start = nearest(config, self._done)
            if other:
                shutil.copytree(other, folder, ignore=shutil.ignore_patterns("run.log"))
        return pipeline.run(config, folder, start, quiet=self.quiet, reload=self.reload)


def _keep_traceback(folder: Path) -> None:
    if folder.is_dir():
        with (folder / "run.log").open("a", encoding="utf-8") as file:
            file.write(traceback.format_exc())
