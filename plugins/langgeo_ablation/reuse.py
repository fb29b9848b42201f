"""What another run left that need not be computed again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from langgeo_core.api import (
    RUN_LOCK,
    STAGES,
    LanggeoError,
    Plan,
    ResolvedConfig,
    Run,
    alone_in,
    describe,
    first_stages,
    make_plan,
    storage_errors,
)

Reload = Callable[[Path], ResolvedConfig]
ORDER = [stage.name for stage in STAGES]

IDENTITY = ("langgeo", "components", "models", "corpora", "matrix", "calibration", "seed", "languages")
"""What of run.json must be the same besides the config, which names no versions."""


def finished_run(config: ResolvedConfig, folder: Path, reload: Reload) -> dict[str, Any] | None:
    """run.json of a folder that holds the finished run of this config over the same texts and weights; else None.

    Parameters
    ----------
    reload : reads the config that the folder holds
    """
    try:
        run = Run(folder)
        same, cells = not reload(folder / "config.yaml").differences(config), run.table("cells.csv")
    except LanggeoError:  # none, an unfinished or damaged one, or the config of an older version
        return None
    return run.record if same and _same_inputs(make_plan(config), run.record, cells) else None


def _same_inputs(plan: Plan, record: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> bool:
    described = json.loads(json.dumps(describe(plan)))
    if any(record.get(key) != described.get(key) for key in IDENTITY):
        return False
    # A text that was too short left no statistics to compare the address with.
    found = {
        (row["model"], row["corpus"], row["language"]): row["statistics"].removesuffix(".safetensors")
        for row in rows
        if row["status"] != "skipped"
    }
    planned = {(cell.model, cell.corpus, cell.language): cell.keys for cell in plan.cells}
    listed = {(row["model"], row["corpus"], row["language"]) for row in rows}
    return listed == planned.keys() and all(key in planned[cell] for cell, key in found.items())


def take_over(config: ResolvedConfig, folder: Path, finished: Mapping[Path, ResolvedConfig]) -> str:
    """Copy into a folder what a finished run shares with a config, and return the stage to start from.

    Of several runs, the one that shares the most stages is copied. One that shares calibration alone is not: cells are
    in the store anyway. What the folder held before is removed.
    """

    def first_different(other: Path) -> int:
        stages = first_stages(finished[other], config).values()
        return min(map(ORDER.index, stages), default=len(ORDER) - 1)

    best = max(finished, key=first_different, default=None)
    with alone_in(folder), storage_errors(folder):
        for path in folder.iterdir():
            if path.name != RUN_LOCK:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        if best is None or first_different(best) <= ORDER.index("compare"):
            return ORDER[0]
        shutil.copytree(best, folder, ignore=shutil.ignore_patterns("run.log"), dirs_exist_ok=True)
        return ORDER[first_different(best)]
