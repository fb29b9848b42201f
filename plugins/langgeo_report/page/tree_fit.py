"""How tree-like the distances are, and how far their trees are Glottolog's: the figures of the evaluator `trees`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langgeo_core.api import Metric
from langgeo_report.page.glossary import meaning
from langgeo_report.page.numbers import interval, number, probability

EVALUATOR = "trees"
TREES = {"nj": "neighbour joining", "ward": "Ward", "upgma": "average linkage"}


@dataclass(frozen=True)
class Fit:
    """A row: a figure of the run, and of each baseline in the order of `TreeFit.sources`."""

    name: str
    tree: str
    meaning: str
    value: str
    interval: str
    null: str
    p: str
    n: int
    others: list[str]


@dataclass(frozen=True)
class TreeFit:
    """All rows, and the baselines that stand beside the run."""

    sources: list[str]
    rows: list[Fit]


def tree_fit(metrics: Sequence[Metric]) -> TreeFit:
    """The table, without rows where the run's trees were not evaluated."""
    figures = {(metric.source, metric.metric): metric for metric in metrics if metric.evaluator == EVALUATOR}
    sources = [source for source in dict.fromkeys(source for source, _ in figures) if source != "run"]
    own = [metric for (source, _), metric in figures.items() if source == "run"]
    return TreeFit(
        sources, [_fit(metric, [figures.get((other, metric.metric)) for other in sources]) for metric in own]
    )


def _fit(metric: Metric, others: Sequence[Metric | None]) -> Fit:
    name, _, tree = metric.metric.partition(":")
    return Fit(
        name,
        TREES.get(tree, tree),
        meaning(name),
        number(metric.value),
        interval(metric),
        number(metric.null_mean),
        probability(metric.p),
        metric.n,
        [number(other.value if other else None) for other in others],
    )
