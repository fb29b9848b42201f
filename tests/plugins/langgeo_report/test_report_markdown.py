"""report.md: tables that hold together, and what is set in bold."""

from __future__ import annotations

import csv
from pathlib import Path

from report_run import example_metrics, tree_distances, write_run
from test_report_layers import ALONE, GREEDY
from test_report_statistics import CONFOUNDS, SUPPORT, TREES

from langgeo_core.api import Language, Run
from langgeo_report.markdown import MarkdownExporter, differences
from langgeo_report.scores import Figure, Glance
from langgeo_testing import seal_run

COLUMNS = ("baseline", "evaluator", "clusterer", "level", "metric", "delta", "low", "high", "p", "n")


def comparison(baseline: str, metric: str, clusterer: str, p: float) -> dict[str, object]:
    values = (baseline, "glottolog", clusterer, "branch", metric, -0.11, -0.2, -0.02, p, 30)
    return dict(zip(COLUMNS, values, strict=True))


def test_every_table_has_as_many_cells_in_each_row(tmp_path: Path, languages: tuple[Language, ...]) -> None:
    metrics = [*example_metrics(len(languages)), *TREES, *SUPPORT, *CONFOUNDS, *ALONE, *GREEDY]
    folder = write_run(tmp_path / "run", languages, tree_distances(languages), metrics, name="a | b")
    with (folder / "comparisons.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(comparison("text", "ari", "kmeans", 0.01))
    (written,) = MarkdownExporter().export(Run(seal_run(folder)))
    text = written.read_text(encoding="utf-8")
    assert text.startswith("# a \\| b\n")
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("| ")]
    assert len(tables) >= 7
    for table in tables:
        assert set(table[1]) == set("|- ")
        assert len({row.replace("\\|", "").count("|") for row in table}) == 1, table
        assert len(table) > 2
    assert "| this run | 0.830 | 0.420 [0.30, 0.52] |" in text
    assert "| text |  | **−0.110 [−0.200, −0.020]** |" in text
    geography = "| geography |  |  |  | 22.0 % | 10.0 % | 5.0 % to 15.0 % | 0.030 | 20.0 % | 15.0 % to 25.0 % | 0 |"
    assert geography in text
    assert text.count("Raufaste") == 1
    assert "| layer | 1 | 0.650 (0.500 to 0.800) |" in text
    assert "\n- Families and branches that are clades of the tree (Ward)," in text
    for section in ("## Trees", "## Confounds: all pairs of languages", "## Layers and modules: branch"):
        assert section in text


def test_bold_is_corrected_for_the_figures_of_a_row() -> None:
    scores = Glance([Figure("nn1", ""), Figure("ari", "kmeans"), Figure("ami", "kmeans")], [])
    rows = [
        comparison("text", "nn1", "", 0.04),  # adjusted 0.06
        comparison("text", "ari", "kmeans", 0.01),  # adjusted 0.03
        comparison("text", "ami", "kmeans", 0.03),  # adjusted 0.06
        comparison("text", "purity", "kmeans", 0.0001),  # no column of the table, so not counted
        comparison("tree", "nn1", "", 0.001),
    ]
    (level,) = differences(scores, rows, {"tree": "ceiling"})
    ((baseline, entries),) = level.rows
    assert (level.level, baseline) == ("branch", "text")
    plain = "−0.110 [−0.200, −0.020]"
    assert entries == [plain, f"**{plain}**", plain]


def test_a_run_without_figures_has_a_page_all_the_same(tmp_path: Path, languages: tuple[Language, ...]) -> None:
    run = Run(write_run(tmp_path / "run", languages, tree_distances(languages)))
    (written,) = MarkdownExporter().export(run)
    assert "##" not in written.read_text(encoding="utf-8")
