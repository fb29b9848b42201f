"""How the agreement of clusters with classes hangs on the number of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langgeo_core.api import Run
from langgeo_report.page.files import rows_of
from langgeo_report.page.numbers import number

METRICS = ("ari", "ami")
"""Those that are corrected for chance: the others rise with k by themselves."""


@dataclass(frozen=True)
class Swept:
    """One figure at every number of clusters; an empty entry where it is undefined."""

    level: str
    clusterer: str
    metric: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Sweep:
    """The rows of the table below their numbers of clusters."""

    numbers: tuple[int, ...]
    rows: tuple[Swept, ...]


def sweep(run: Run) -> Sweep:
    """Read k_sweep.csv; empty for a run without."""
    rows = [row for row in rows_of(run, "k_sweep.csv") if row["metric"] in METRICS]
    numbers = tuple(sorted({int(row["k"]) for row in rows}))
    figures = dict.fromkeys((row["level"], row["clusterer"], row["metric"]) for row in rows)
    return Sweep(numbers, tuple(Swept(*figure, _values(figure, numbers, rows)) for figure in figures))


def _values(figure: tuple[str, str, str], numbers: Sequence[int], rows: Sequence[dict[str, str]]) -> tuple[str, ...]:
    found = {
        int(row["k"]): number(float(row["value"])) + (f" ± {float(row['sd']):.3f}" if row["sd"] else "")
        for row in rows
        if (row["level"], row["clusterer"], row["metric"]) == figure
    }
    return tuple(found.get(k, "") for k in numbers)
