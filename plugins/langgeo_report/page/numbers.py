"""Numbers as the page prints them; nothing for a figure that is not there."""

from __future__ import annotations

from collections.abc import Callable

from langgeo_core.api import Metric


def number(value: float | None) -> str:
    """Three decimals."""
    return "" if value is None else f"{value:z.3f}".replace("-", "−")


def probability(p: float | None) -> str:
    """Three decimals, or that it is less than what these show."""
    if p is None:
        return ""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def interval(metric: Metric, printed: Callable[[float], str] = number) -> str:
    """Both ends."""
    if metric.ci_low is None or metric.ci_high is None:
        return ""
    return f"{printed(metric.ci_low)} to {printed(metric.ci_high)}"
