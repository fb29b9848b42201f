"""What need not be computed again: variants finished before, and stages that variants share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.contract.errors import LanggeoError
from langgeo_core.pipeline.run import Reload, first_stages
from langgeo_core.pipeline.stages import STAGES
from langgeo_core.planning.plan import Plan, make_plan
from langgeo_core.planning.provenance import describe
from langgeo_core.storage.tables import read_table

IDENTITY = ("langgeo", "components", "models", "corpora", "matrix", "calibration", "seed", "languages")
"""What of run.json must be the same for a finished run to stand: the config alone does not name versions."""


def finished_record(config: ResolvedConfig, folder: Path, reload: Reload) -> dict[str, Any] | None:
    """run.json of a folder that holds the finished run of this config, over the same texts and weights."""
    if not all((folder / name).is_file() for name in ("config.yaml", "run.json", "cells.csv", "metrics.csv")):
        return None
    try:
        record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        same = record.get("finished") is True and not reload(folder / "config.yaml").differences(config)
        rows = read_table(folder / "cells.csv")
    except (ValueError, LanggeoError):  # half a file, or the config of an older version
        return None
    return record if same and _same_inputs(make_plan(config), record, rows) else None


def _same_inputs(plan: Plan, record: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> bool:
    described = json.loads(json.dumps(describe(plan)))
    if any(record.get(key) != described.get(key) for key in IDENTITY):
        return False
    cells = {(row["model"], row["corpus"], row["language"]): row for row in rows}
    planned = {(cell.model, cell.corpus, cell.language): cell.key for cell in plan.cells}
    return cells.keys() == planned.keys() and all(_same_key(cells[cell], key) for cell, key in planned.items())


def _same_key(row: Mapping[str, str], key: str) -> bool:
    """A text that was too short left no statistics to compare the address with."""
    return row["status"] == "skipped" or row["statistics"].removesuffix(".safetensors") == key


def nearest(config: ResolvedConfig, done: Mapping[Path, ResolvedConfig]) -> tuple[Path | None, str]:
    """The finished run that shares the most stages, and the first stage that it does not share.

    None where none shares the comparison of all weights: calibrated cells are in the store anyway.
    """
    order = list(STAGES)
    starts = {folder: _first_different(other, config) for folder, other in done.items()}
    best = max(starts, key=lambda folder: order.index(starts[folder]), default=None)
    if best is None or order.index(starts[best]) <= order.index("compare"):
        return None, order[0]
    return best, starts[best]


def _first_different(one: ResolvedConfig, other: ResolvedConfig) -> str:
    order = list(STAGES)
    return min(first_stages(one, other).values(), key=order.index, default=order[-1])
