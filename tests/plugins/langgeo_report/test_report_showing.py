"""What `langgeo run` prints in the end, and what a report is called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tiny_run import PICTURES, Finished, Langgeo

from langgeo_core.api import Run
from langgeo_inference.api import p_text
from langgeo_report.reading import excesses_of, title_of
from langgeo_report.verdict import verdict


def printed(langgeo: Langgeo, run: Finished) -> str:
    done = langgeo("-q", "run", run.config, PICTURES, "--out", run.folder)
    assert done.code == 0
    return re.sub(r"\n {2,4}(?!branch )", " ", done.out)  # what was wrapped put together again


def test_the_verdict_of_the_page_is_printed_with_its_adjusted_p(langgeo: Langgeo, own_run: Finished) -> None:
    out, run = printed(langgeo, own_run), Run(own_run.folder)
    judged = verdict(run.record, run.metrics, excesses_of(run), run.baseline_roles)
    assert judged.text in out and ", by chance 0." in judged.text
    assert judged.text in (own_run.folder / "report.html").read_text(encoding="utf-8")
    figure = judged.evidence.figures[0]
    assert figure.metric.metric == "map" and figure.p > (figure.metric.p or 0)
    line = next(line for line in out.splitlines() if line.startswith("  branch map: "))
    assert f", adjusted p {p_text(figure.p)}, n 8)" in line


def test_figures_that_no_labels_can_change_are_left_out(langgeo: Langgeo, own_run: Finished) -> None:
    """All languages of the run are of one family."""
    assert any((one.level, one.metric) == ("family", "map") for one in Run(own_run.folder).metrics)
    out = printed(langgeo, own_run)
    assert "  branch nn1: " in out and "family" not in out


def test_without_metrics_there_is_no_verdict(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> None:
    done = langgeo("-q", "run", own_run.config, "evaluators=[]", "--out", tmp_path / "out")
    assert len(done.out.splitlines()) == 2


@pytest.mark.parametrize(
    ("folder", "title"),
    [("tiny", "tiny"), ("tiny--scorer=wanda", "tiny--scorer=wanda"), ("mine", "mine (tiny)"), ("run", "tiny")],
)
def test_a_report_is_called_by_its_folder(own_run: Finished, langgeo: Langgeo, folder: str, title: str) -> None:
    target = own_run.folder.parent / "titled" / folder
    target.parent.mkdir()
    own_run.folder.rename(target)
    assert title_of(Run(target)) == title
    assert langgeo("report", target).code == 0
    assert f"<h1>{title}</h1>" in (target / "report.html").read_text(encoding="utf-8")
