"""By how much the run exceeds its baselines, on the same languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from langgeo_core.api import Run
from langgeo_report.page.files import rows_of

Question = tuple[str, str, str, str]


@dataclass(frozen=True)
class Excess:
    """A figure of the run less that of a baseline, its 95 % interval over the shared languages and p of no difference.

    None where a run has too few languages for them.
    """

    delta: float
    low: float | None = None
    high: float | None = None
    p: float | None = None

    @property
    def above(self) -> bool:
        """Whether the interval lies above zero."""
        return self.low is not None and self.low > 0

    @property
    def below(self) -> bool:
        """Whether the interval lies below zero."""
        return self.high is not None and self.high < 0

    def __str__(self) -> str:
        interval = "" if self.low is None or self.high is None else f" [{self.low:z.2f}, {self.high:z.2f}]"
        return f"{self.delta:z.2f}{interval}".replace("-", "−")


Excesses = Mapping[tuple[str, Question], Excess]
"""By baseline and question."""


def excesses_of(run: Run) -> Excesses:
    """The rows of comparisons.csv; none for a run without."""
    return {
        (row["baseline"], (row["evaluator"], row["level"], row["clusterer"], row["metric"])): Excess(
            float(row["delta"]), _number(row["low"]), _number(row["high"]), _number(row["p"])
        )
        for row in rows_of(run, "comparisons.csv")
    }


def _number(entry: str) -> float | None:
    return float(entry) if entry else None
