"""Distances of another run or of a file, beside a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny_run import Finished, Langgeo, incidents, rows

from langgeo_baselines.file import FileDistances
from langgeo_baselines.options import FileOptions
from langgeo_core.api import BaselineContext, Language, Run, UserError


def context(*ids: str) -> BaselineContext:
    return BaselineContext(tuple(Language(identifier, identifier) for identifier in ids), lambda _: ())


def test_a_file_is_read_in_the_order_of_the_run(tmp_path: Path) -> None:
    file = tmp_path / "far.csv"
    file.write_text("language,deu,eng,swe\ndeu,0,1,2\neng,1,0,3\nswe,2,3,0\n", encoding="utf-8")
    found = FileDistances(FileOptions(path=file)).distances(context("swe", "fra", "deu"))
    nan = np.nan
    assert found.ids == ("swe", "fra", "deu")
    np.testing.assert_array_equal(found.values, [[0, nan, 2], [nan, 0, nan], [2, nan, 0]])


def test_a_file_of_other_languages_is_told(tmp_path: Path) -> None:
    file = tmp_path / "far.csv"
    file.write_text("language,deu,eng\ndeu,0,1\neng,1,0\n", encoding="utf-8")
    with pytest.raises(UserError, match="fewer than two languages of this run"):
        FileDistances(FileOptions(path=file)).distances(context("swe", "deu"))


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a run folder"):
        FileDistances(FileOptions(path=tmp_path)).distances(context("swe", "deu"))


def test_a_finished_run_stands_beside_another(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> None:
    control = tmp_path / "control"
    shutil.copytree(own_run.folder, control)
    chosen = f"baselines=[{{name: file, as: untrained, path: {control}, role: control}}]"
    done = langgeo("-q", "run", own_run.config, chosen, "exporters=[html]", "--out", tmp_path / "beside")
    assert done.code == 0, done.err
    folder = tmp_path / "beside"
    assert incidents(folder) == ""
    np.testing.assert_array_equal(Run(folder).baselines["untrained"].values, Run(control).distances.values)
    found = [row for row in rows(folder / "comparisons.csv") if row["baseline"] == "untrained"]
    assert found and {float(row["delta"]) for row in found} == {0.0}
    assert "untrained" in (folder / "report.html").read_text(encoding="utf-8")
