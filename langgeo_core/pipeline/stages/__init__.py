"""The stages of a run, in order. Each reads files of earlier stages from the run folder and writes its own."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langgeo_core.contract.errors import UserError

if TYPE_CHECKING:
    from langgeo_core.pipeline.stages.context import Context


@dataclass(frozen=True)
class Stage:
    """One stage; its function is imported when it runs.

    Parameters
    ----------
    name : as `--from` and run.json have it
    function : `"module:function"`, called with the run's `Context`
    writes : the files that it writes; those of an earlier config that it did not write are removed when it has finished
    facts : the keys of run.json that it finds out
    small : whether its matrices are as small as the number of languages, so that it runs on one thread
    """

    name: str
    function: str
    writes: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    small: bool = False

    def load(self) -> Callable[[Context], None]:
        """Import the function."""
        module, _, name = self.function.partition(":")
        found: Callable[[Context], None] = getattr(importlib.import_module(module), name)
        return found


STAGES = (
    Stage(
        "calibrate",
        "langgeo_core.pipeline.stages.distances:stage_calibrate",
        writes=("languages.csv", "cells.csv", "replicates/cells.csv"),
        facts=("cells_calibrated", "cells_reused"),
    ),
    Stage(
        "compare",
        "langgeo_core.pipeline.stages.distances:stage_compare",
        writes=("distances/*.csv", "distances/*.safetensors", "kept.csv", "replicates/*--*.csv"),
        facts=("signature", "compared"),
    ),
    Stage(
        "aggregate",
        "langgeo_core.pipeline.stages.distances:stage_aggregate",
        writes=("aggregated.csv", "distances.csv", "replicates/distances.csv"),
        facts=("status",),
    ),
    Stage(
        "embed",
        "langgeo_core.pipeline.stages.results:stage_embed",
        writes=("embedding.csv", "embedding.json"),
        small=True,
    ),
    Stage(
        "cluster",
        "langgeo_core.pipeline.stages.results:stage_cluster",
        writes=("labels.json", "clusters.csv"),
        small=True,
    ),
    Stage(
        "evaluate",
        "langgeo_core.pipeline.stages.results:stage_evaluate",
        writes=("metrics.csv", "comparisons.csv", "k_sweep.csv", "reliability.csv", "baselines/*.csv"),
        small=True,
    ),
    Stage(
        "report",
        "langgeo_core.pipeline.stages.results:stage_report",
        facts=("exported",),
    ),
)  # fmt: skip
NAMES = tuple(stage.name for stage in STAGES)


def before(name: str) -> tuple[Stage, ...]:
    """The stages before one."""
    return STAGES[: position(name)]


def position(name: str) -> int:
    """The place of a stage in the order.

    Raises
    ------
    UserError
        If there is no such stage.
    """
    if name not in NAMES:
        raise UserError(f"there is no stage {name!r}", f"stages: {', '.join(NAMES)}")
    return NAMES.index(name)
