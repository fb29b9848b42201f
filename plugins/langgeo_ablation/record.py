"""run.json of an ablation: what was asked, with which versions, and what it took."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from langgeo_ablation.choices import Sweep
from langgeo_ablation.comparisons import Comparison
from langgeo_ablation.runner import Outcome
from langgeo_ablation.variants import Variant
from langgeo_core.planning.provenance import package_versions
from langgeo_core.system.files import write_text


def described(config: str, sweep: Sweep, halves: int, baseline: Variant) -> dict[str, Any]:
    """What is known before the first variant is run."""
    assert baseline.config is not None
    return {
        "kind": "ablation",
        "name": baseline.config.settings.name,
        "config": config,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "langgeo": version("langgeo"),
        "versions": package_versions(baseline.config),
        "platform": platform.platform(),
        "keys": {key: list(choices) for key, choices in sweep.keys if len(choices) > 1},
        "fixed": list(sweep.fixed),
        "seed": baseline.config.settings.seed,
        "halves": halves,
        "finished": False,
    }


def counted(outcomes: Sequence[Outcome], comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """What is known after the last; each variant's run.json says more."""
    return {
        "variants": [_variant(outcome) for outcome in outcomes],
        "cells_calibrated": sum(outcome.cells_calibrated for outcome in outcomes),
        "cells_reused": sum(outcome.cells_reused for outcome in outcomes),
        "tests": tests(comparisons),
    }


def _variant(outcome: Outcome) -> dict[str, Any]:
    names = ("status", "reason", "cells_calibrated", "cells_reused", "seconds", "kept")
    head = {"variant": outcome.variant.name, "choices": dict(outcome.variant.choices)}
    return {**head, **{name: getattr(outcome, name) for name in names}}


def tests(comparisons: Sequence[Comparison]) -> int:
    """How many differences were tested, which Holm corrects for."""
    return sum(row.p_adjusted is not None for row in comparisons)


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """run.json."""
    write_text(folder / "run.json", json.dumps(record, indent=1, ensure_ascii=False))


def is_ablation(folder: Path) -> bool:
    """Whether run.json there is one of these."""
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("kind") == "ablation"
