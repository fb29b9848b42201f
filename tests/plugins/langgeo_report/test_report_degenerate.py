"""Runs at the edges: every exporter still writes its files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_run import tree_distances, write_run

from langgeo_core.api import Language, Run
from langgeo_formats.api import FormatOptions
from langgeo_report.figures import FiguresExporter
from langgeo_report.neighbours import TreeExporter
from langgeo_report.options import FiguresOptions, HtmlOptions
from langgeo_report.page import HtmlExporter
from langgeo_testing import seal_run

Languages = tuple[Language, ...]


def _exported(folder: Path, languages: Sequence[Language], values: np.ndarray, **record: Any) -> str:
    run = Run(write_run(folder, languages, values, **record))
    figures = FiguresExporter(FiguresOptions(dpi=50, formats=("png",)))
    exporters = (TreeExporter(FormatOptions()), figures, HtmlExporter(HtmlOptions()))
    files = [file for exporter in exporters for file in exporter.export(run)]
    assert len(files) == 7 and all(file.stat().st_size for file in files)
    return files[-1].read_text(encoding="utf-8")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_languages(tmp_path: Path, languages: Languages, count: int) -> None:
    _exported(tmp_path, languages[:count], tree_distances(languages[:count]))


def test_all_zero_distances(tmp_path: Path, languages: Languages) -> None:
    text = _exported(tmp_path, languages, np.zeros((30, 30)), status="degenerate")
    assert "Cannot tell languages apart." in text


def test_a_line_has_one_axis(tmp_path: Path, languages: Languages) -> None:
    places = np.arange(5.0)
    text = _exported(tmp_path, languages[:5], np.abs(places[:, None] - places))
    assert "axis 1 (100.0%)" in text and "axis 2 (none)" in text and "fewer than three axes" in text


def test_missing_pairs(tmp_path: Path, languages: Languages) -> None:
    values = tree_distances(languages)
    values[0, 1:] = values[1:, 0] = np.nan
    values[1, 5:] = values[5:, 1] = np.nan
    _exported(tmp_path, languages, values)


def test_every_pair_missing(tmp_path: Path, languages: Languages) -> None:
    _exported(tmp_path, languages, np.where(np.eye(30, dtype=bool), 0.0, np.nan))


def test_no_places(tmp_path: Path, languages: Languages) -> None:
    nowhere = [replace(one, latitude=None, longitude=None) for one in languages]
    assert "No language of this run has known coordinates." in _exported(tmp_path, nowhere, tree_distances(nowhere))


def test_one_class(tmp_path: Path, languages: Languages) -> None:
    alike = [replace(one, family="One", branch="One", script="Latn") for one in languages]
    figures = re.search(r'id="figures">(.*?)</script>', _exported(tmp_path, alike, tree_distances(alike)), re.DOTALL)
    assert figures and {trace.get("name") for trace in json.loads(figures[1])["map"]["data"]} == {None, "One"}


def test_no_class_at_all(tmp_path: Path, languages: Languages) -> None:
    unknown = [replace(one, family="", branch="", script="", name="") for one in languages]
    assert "cmn_Hant" in _exported(tmp_path, unknown, tree_distances(unknown))


def test_no_eigenvalues(tmp_path: Path, languages: Languages) -> None:
    write_run(tmp_path, languages, tree_distances(languages))
    (tmp_path / "embedding.json").write_text('{"eigenvalues": []}', encoding="utf-8")
    (page,) = HtmlExporter(HtmlOptions()).export(Run(seal_run(tmp_path, {"name": "x"})))
    assert "has no eigenvalues" in page.read_text(encoding="utf-8")


def test_a_record_with_nothing_but_a_name(run: Run) -> None:
    (page,) = HtmlExporter(HtmlOptions()).export(Run(seal_run(run.path, {"name": "old"})))
    assert "<h1>old</h1>" in page.read_text(encoding="utf-8")
