"""A run with halves of the texts, from the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_run import Finished, Langgeo, rows, statistics_files, two_corpora

from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.tables import read_distances


def test_halves_are_cells_of_their_own(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> None:
    folder, before = tmp_path / "halves", len(statistics_files(own_run.cache))
    done = langgeo("-q", "run", own_run.config, "reliability.halves=true", "exporters=[html]", "--out", folder)
    assert done.code == 0, done.err
    cells, halves = rows(folder / "cells.csv"), rows(folder / "half_cells.csv")
    assert {row["status"] for row in cells} == {"reused"} and {row["status"] for row in halves} == {"calibrated"}
    assert len(statistics_files(own_run.cache)) == before + 2 * len(cells)
    whole = {row["language"]: int(row["tokens"]) for row in cells}
    for language, tokens in whole.items():
        assert sum(int(row["tokens"]) for row in halves if row["language"] == language) == tokens
    np.testing.assert_array_equal(Run(folder).distances.values, Run(own_run.folder).distances.values)
    assert len(read_distances(folder / "halves.csv").ids) == 2 * len(cells)
    assert [row["language"] for row in rows(folder / "reliability.csv")] == list(Run(folder).distances.ids)
    found = {row["metric"]: row for row in rows(folder / "metrics.csv") if row["evaluator"] == "reliability"}
    assert -1 <= float(found["split_half"]["value"]) <= 1 and float(found["noise_floor"]["value"]) > 0
    assert "How sure" in (folder / "report.html").read_text(encoding="utf-8")
    again = langgeo("-q", "run", own_run.config, "exporters=[html]", "--out", folder, "--overwrite")
    assert again.code == 0, again.err
    left = ("half_cells.csv", "halves.csv", "reliability.csv", "halves/huggingface--text-folder.csv")
    assert [name for name in left if (folder / name).exists()] == []
    assert "How sure" not in (folder / "report.html").read_text(encoding="utf-8")


def test_halves_of_one_run_are_those_added_to_an_earlier_one(
    langgeo: Langgeo, own_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether their windows were read together with the whole text's or by themselves."""
    assert langgeo("-q", "run", own_run.config, "reliability.halves=true", "--out", tmp_path / "later").code == 0
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "empty"))
    assert langgeo("-q", "run", own_run.config, "reliability.halves=true", "--out", tmp_path / "at-once").code == 0
    later, at_once = (read_distances(tmp_path / name / "halves.csv") for name in ("later", "at-once"))
    assert {row["status"] for row in rows(tmp_path / "at-once" / "cells.csv")} == {"calibrated"}
    np.testing.assert_allclose(at_once.values, later.values, atol=1e-4)
    whole = Run(tmp_path / "at-once").distances.values
    np.testing.assert_array_equal(whole, Run(own_run.folder).distances.values)


def test_corpora_are_compared(langgeo: Langgeo, own_run: Finished, text_folder: Path, tmp_path: Path) -> None:
    config = two_corpora(own_run.config, text_folder, tmp_path / "two.yaml")
    done = langgeo("-q", "run", config, "reliability.halves=true", "--out", tmp_path / "two")
    assert done.code == 0, done.err
    found = {row["metric"]: row for row in rows(tmp_path / "two" / "metrics.csv") if row["evaluator"] == "reliability"}
    # the second corpus is the first under another name
    assert float(found["agreement"]["value"]) == 1
    assert float(found["variance_pair"]["value"]) == 1
    assert found["split_half"]["n"] == "4"
