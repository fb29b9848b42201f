"""What every stage works on, and files of earlier stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from langgeo_core.calibration.texts import RunWindows
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import Incident
from langgeo_core.evaluation.baselines import Memo
from langgeo_core.planning.plan import Plan
from langgeo_core.storage.store import Store


@dataclass
class Context:
    """What a stage works on: the plan, the run folder, the store, the windows of texts, and what is to be recorded."""

    plan: Plan
    folder: Path
    store: Store
    quiet: bool = False
    incidents: list[Incident] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    memo: Memo | None = None

    @cached_property
    def windows(self) -> RunWindows:
        """The windows of the run's texts, chosen once."""
        return RunWindows(self.plan)


def earlier(context: Context, name: str) -> Path:
    """A file of an earlier stage."""
    file = context.folder / name
    if not file.is_file():
        raise UserError(f"{context.folder} has no {name}, which an earlier stage writes", "leave --from out")
    return file
