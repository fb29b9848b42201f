"""What the exporters read of a run: tables that it may lack, paired differences, roles of baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgeo_core.api import Metric, Run, schema
from langgeo_inference.api import SIGNIFICANT as SIGNIFICANT

RELIABILITY, TREES, CONFOUNDS, LAYERS, TRANSFER = APART = ("reliability", "trees", "confounds", "layers", "transfer")
"""Evaluators with a section of their own; the metrics of all others are in the score card."""

ACROSS, WITHIN = BY_SCRIPT = ("map-across-scripts", "map-within-script")
"""Metrics whose null is of labels shuffled within scripts."""

Question = tuple[str, str, str, str]

Roles = Mapping[str, str]
"""`Run.baseline_roles`; a baseline without a role is a rival."""

REMARKS = {"rival": "", "facts": "facts", "run": "another run", "control": "control", "ceiling": "ceiling"}
"""The remark in brackets after a baseline's name, by role, in the order of the tables."""


def title_of(run: Run) -> str:
    """What a run is called: its folder, with its config in brackets unless the folder's name has it.

    A folder that is just called `run`, such as that of `langgeo compare`, names nothing.
    """
    folder, config = run.path.resolve().name, str(run.record.get("name") or "")
    if not config or folder == "run":
        return config or folder
    return folder if config in folder else f"{folder} ({config})"


def rows_of(run: Run, table: schema.Table) -> list[dict[str, Any]]:
    """The rows of a CSV file; none if the run has no such file."""
    return run.rows(table) if table.name in run.files else []


def metrics_of(run: Run) -> tuple[Metric, ...]:
    """The run's metrics; none if it was not evaluated."""
    return run.metrics if "metrics.csv" in run.files else ()


def of_score_card(metrics: Sequence[Metric]) -> list[Metric]:
    """All metrics but those of evaluators that have their own section."""
    return [metric for metric in metrics if metric.evaluator not in APART]


@dataclass(frozen=True)
class Excess:
    """A figure of the run minus that of a baseline, on the same languages.

    Parameters
    ----------
    low, high : the 95 % interval over languages; None if there are too few languages
    p : two-sided p of no difference; None if there are too few languages
    """

    delta: float
    low: float | None = None
    high: float | None = None
    p: float | None = None

    @property
    def above(self) -> bool:
        """Whether the whole interval is above zero."""
        return self.low is not None and self.low > 0

    @property
    def below(self) -> bool:
        """Whether the whole interval is below zero."""
        return self.high is not None and self.high < 0

    def __str__(self) -> str:
        interval = "" if self.low is None or self.high is None else f" [{self.low:z.2f}, {self.high:z.2f}]"
        return f"{self.delta:z.2f}{interval}".replace("-", "−")


Excesses = Mapping[tuple[str, Question], Excess]
"""By baseline and question."""


def excesses_of(run: Run) -> Excesses:
    """The rows of comparisons.csv; none if the run has no such file."""

    return {
        (row["baseline"], (row["evaluator"], row["level"], row["clusterer"], row["metric"])): Excess(
            row["delta"], row["low"], row["high"], row["p"]
        )
        for row in rows_of(run, schema.COMPARISONS)
    }


def role_of(source: str, roles: Roles) -> str:
    """The role of a baseline."""
    return roles.get(source, "rival")


def place_of(source: str, roles: Roles) -> int:
    """The sort key of a baseline: rivals first, ceilings last."""
    return list(REMARKS).index(role_of(source, roles))


def marked(source: str, roles: Roles) -> str:
    """The name with its remark: `paper (another run)`."""
    remark = REMARKS[role_of(source, roles)]
    return f"{source} ({remark})" if remark else source
