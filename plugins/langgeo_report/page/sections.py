"""Which metrics stand in the score card, and which have a section of their own."""

from __future__ import annotations

from collections.abc import Sequence

from langgeo_core.api import Metric
from langgeo_report.page import confounds, layers, sureness, tree_fit

APART = (tree_fit.EVALUATOR, confounds.EVALUATOR, sureness.EVALUATOR, layers.EVALUATOR)


def of_score_card(metrics: Sequence[Metric]) -> list[Metric]:
    """All but those that are told of elsewhere."""
    return [metric for metric in metrics if metric.evaluator not in APART]
