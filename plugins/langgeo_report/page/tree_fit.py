"""How tree-like the distances are, and how far their trees are Glottolog's: the figures of the evaluator `trees`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langgeo_core.api import Metric
from langgeo_report.page.glossary import meaning
from langgeo_report.page.numbers import interval, number, probability

EVALUATOR = "trees"
TREES = {"nj": "neighbour joining", "ward": "Ward", "upgma": "average linkage"}
GROUPS = "group-support"


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
    """All rows, the baselines that stand beside the run, and for each tree what its groups are supported by."""

    sources: list[str]
    rows: list[Fit]
    groups: list[str]


def tree_fit(metrics: Sequence[Metric], replicates: int) -> TreeFit:
    """The table, without rows where the run's trees were not evaluated.

    Parameters
    ----------
    replicates : how many trees support is the share of
    """
    known = [metric for metric in metrics if metric.evaluator == EVALUATOR]
    named = [metric for metric in known if metric.metric.startswith(GROUPS)]
    figures = {(metric.source, metric.metric): metric for metric in known if metric not in named}
    sources = [source for source in dict.fromkeys(source for source, _ in figures) if source != "run"]
    own = [metric for (source, _), metric in figures.items() if source == "run"]
    rows = [_fit(metric, [figures.get((other, metric.metric)) for other in sources]) for metric in own]
    return TreeFit(sources, rows, list(_groups(named, replicates)))


def _groups(named: Sequence[Metric], replicates: int) -> Iterator[str]:
    """A sentence for each tree: its families and branches, by how many trees without a replicate have them too."""
    for tree in dict.fromkeys(metric.metric.partition(":")[2] for metric in named):
        counted: dict[int, list[str]] = {}
        for metric in named:
            if metric.metric == f"{GROUPS}:{tree}":
                counted.setdefault(round(replicates * metric.value), []).append(metric.level.partition(" ")[2])
        told = (f"{', '.join(counted[count])} ({count} of {replicates})" for count in sorted(counted, reverse=True))
        which = f"Families and branches that are clades of the tree ({TREES.get(tree, tree)})"
        yield f"{which}, with how many trees without one replicate have them too: {'; '.join(told)}."


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
