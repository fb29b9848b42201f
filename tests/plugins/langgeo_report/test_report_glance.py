"""The few figures at the top of the score card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from langgeo_core.api import Metric
from langgeo_report.deciding import Compared
from langgeo_report.reading import Excess
from langgeo_report.scores import Figure, Value, glance

INTERVAL = {"ci_low": -0.1, "ci_high": 0.5}
ARI = Metric(
    "glottolog",
    "ari",
    0.42,
    92,
    "kmeans",
    "branch",
    sd=0.05,
    seeds=20,
    null_mean=0.0,
    null_sd=0.02,
    p=0.001,
    **INTERVAL,
)
NN1 = replace(
    ARI, metric="nn1", value=0.8, n=80, clusterer="", seeds=1, null_mean=0.06, null_sd=0.03, ci_low=0.6, ci_high=1.0
)


def test_a_row_for_the_run_each_baseline_and_chance() -> None:
    others = [replace(ARI, source=source, value=0.9) for source in ("tree", "untrained", "paper")]
    rows = [ARI, *others, replace(ARI, source="text", value=0.2), NN1]
    found = glance(rows, {"tree": "ceiling", "paper": "run", "untrained": "control"})
    assert found.figures == [Figure("nn1", ""), Figure("ari", "kmeans")]
    (branch,) = found.levels
    assert (branch.name, branch.languages) == ("branch", "80 to 92")
    assert [(row.source, row.kind) for row in branch.rows] == [
        ("this run", "own"),
        ("text", "rival"),
        ("paper (another run)", "run"),
        ("untrained (control)", "control"),
        ("tree (ceiling)", "ceiling"),
        ("this run, by chance", "chance"),
    ]
    assert branch.rows[0].values == [Value("0.800", "[0.60, 1.00]"), Value("0.420", "[−0.10, 0.50]")]
    assert branch.rows[1].values == [Value(), Value("0.200", "[−0.10, 0.50]")]
    assert branch.rows[-1].values == [Value("0.060", "± 0.030"), Value("0.000", "± 0.020")]


def test_retrieval_across_and_within_scripts_stands_side_by_side() -> None:
    names = ("map", "map-by-class", "map-across-scripts", "map-across-scripts-by-class", "map-within-script")
    found = glance([ARI, *(replace(NN1, metric=name) for name in names), NN1])
    shown = ["map", "map-across-scripts", "map-within-script", "nn1", "ari kmeans"]
    assert list(map(str, found.figures)) == shown


@pytest.mark.parametrize(
    ("excess", "mark"),
    [
        (Excess(0.2, 0.1, 0.3, 0.001), "▲"),
        (Excess(-0.2, -0.3, -0.1, 0.001), "▼"),
        (Excess(0.2, 0.01, 0.4, 0.03), "△"),
        (Excess(-0.2, -0.4, -0.01, 0.03), "▽"),
        (Excess(0.2, -0.1, 0.5, 0.4), ""),
    ],
)
def test_a_mark_is_filled_where_the_difference_holds_once_corrected(excess: Excess, mark: str) -> None:
    other = Excess(0.01, -0.2, 0.2, 0.9)
    rows = [ARI, NN1, replace(ARI, source="text"), replace(NN1, source="text")]
    found = glance(rows, {}, {("text", ARI.question): excess, ("text", NN1.question): other})
    value = found.levels[0].rows[1].values[1]
    assert value.mark == mark
    assert value.difference == f"{excess}, adjusted p {2 * (excess.p or 0):.3f}"


def test_marks_of_what_decides_the_verdict_are_those_of_the_verdict() -> None:
    """There the same difference is one of fewer comparisons."""
    rows = [NN1, ARI, replace(NN1, source="text"), replace(ARI, source="text")]
    excesses = {("text", NN1.question): Excess(0.2, 0.01, 0.4, 0.03), ("text", ARI.question): Excess(0.0, 0, 0, 1.0)}
    alone = Compared(NN1, rows[2], excesses["text", NN1.question], 0.03)
    for decided, mark in (((), "△"), ([alone], "▲")):
        found = glance(rows, {}, excesses, decided)
        assert found.levels[0].rows[1].values[0].mark == mark


def test_what_is_not_corrected_for_chance_is_left_to_the_whole_table() -> None:
    others = [replace(ARI, metric="purity"), replace(NN1, metric="nn3"), replace(NN1, metric="silhouette")]
    assert glance(others).figures == [] and glance(others).levels == []
