"""The few figures that a reader looks at first."""

from __future__ import annotations

from collections.abc import Sequence

from langgeo_core.ablation.comparisons import Comparison
from langgeo_core.types import Metric

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


def _preferred(name: str, present: Sequence[str]) -> str:
    return name if name in present or not present else present[-1]


def figure_name(metric: Metric) -> str:
    """`branch ari kmeans`."""
    return " ".join(filter(None, (metric.level, metric.metric, metric.clusterer)))
