"""The few figures that a reader looks at first, and what the number of looks costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from langgeo_ablation.comparisons import Comparison
from langgeo_core.contract.types import Metric
from langgeo_core.evaluation.paired import holm

LEVEL, CLUSTERER = "branch", "kmeans"
CLUSTER_FIGURES = ("ari", "ami")
SPACE_FIGURES = ("nn1",)


def telling(rows: Sequence[Comparison]) -> list[Comparison]:
    """`ari` and `ami` of k-means and `nn1`, at branch level; what stands in for them where a run has no such rows."""
    own = [row for row in rows if row.metric.source == "run"]
    known = [row for row in own if row.metric.metric in (*CLUSTER_FIGURES, *SPACE_FIGURES)]
    level = _preferred(LEVEL, [row.metric.level for row in known])
    clusterer = _preferred(CLUSTERER, [row.metric.clusterer for row in known if row.metric.clusterer])
    return [row for row in known if row.metric.level == level and row.metric.clusterer in ("", clusterer)] or own


def adjusted(rows: Sequence[Comparison]) -> list[Comparison]:
    """With p adjusted by Holm: of the telling figures, which are named beforehand, over these; of others over all."""
    first = {id(row) for row in telling(rows)}
    of_all, of_telling = _holm(rows), _holm([row for row in rows if id(row) in first])
    return [replace(row, p_adjusted=(of_telling if id(row) in first else of_all).get(id(row))) for row in rows]


def _holm(rows: Sequence[Comparison]) -> dict[int, float]:
    tested = {id(row): row.difference.p for row in rows if row.difference and row.difference.p is not None}
    return dict(zip(tested, holm(list(tested.values())), strict=True))


def _preferred(name: str, present: Sequence[str]) -> str:
    return name if name in present or not present else present[-1]


def figure_name(metric: Metric) -> str:
    """`branch ari kmeans`."""
    return " ".join(filter(None, (metric.level, metric.metric, metric.clusterer)))
