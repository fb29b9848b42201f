"""Figures at other numbers of clusters."""

from __future__ import annotations

from itertools import pairwise

from tiny_run import Finished, Langgeo, rows

from langgeo_statistics.k_sweep import swept


def test_numbers_of_clusters_are_even_on_a_scale_of_ratios() -> None:
    assert swept(3) == [2] and swept(2) == [] and swept(5) == [2, 3, 4]
    found = swept(126)
    assert found[0] == 2 and found[-1] == 125 and len(found) == 10
    assert all(one < other for one, other in pairwise(found))


def test_at_the_number_of_classes_the_figure_is_the_runs(langgeo: Langgeo, own_run: Finished) -> None:
    done = langgeo("-q", "run", own_run.config, "exporters=[html]", "--from", "evaluate", "--out", own_run.folder)
    assert done.code == 0, done.err
    found = {(row["level"], row["metric"], row["k"]): row for row in rows(own_run.folder / "k_sweep.csv")}
    own = [
        row for row in rows(own_run.folder / "metrics.csv") if (row["source"], row["clusterer"]) == ("run", "kmeans")
    ]
    shared = [row for row in own if (row["level"], row["metric"], row["k"]) in found]
    assert shared
    for row in shared:
        assert found[row["level"], row["metric"], row["k"]]["value"] == row["value"]
    assert {int(row["k"]) for row in found.values()} == {2, 3, 4, 5, 6, 7}
    assert "At other numbers of clusters" in (own_run.folder / "report.html").read_text(encoding="utf-8")
