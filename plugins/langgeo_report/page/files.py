"""Files that an older or shorter run may lack."""

from __future__ import annotations

from langgeo_core.api import Metric, Run


def rows_of(run: Run, name: str) -> list[dict[str, str]]:
    """The rows of a CSV file, none if the run has no such file."""
    return run.table(name) if (run.path / name).is_file() else []


def metrics_of(run: Run) -> tuple[Metric, ...]:
    """The run's metrics, none if it was never evaluated."""
    return run.metrics if (run.path / "metrics.csv").is_file() else ()
