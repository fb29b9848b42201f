from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from matplotlib import rcParams

from langgeo_core.api import Run
from langgeo_report.figures import FIGURES, FiguresExporter
from langgeo_report.options import FiguresOptions
from langgeo_testing import seal_run


def _exporter() -> FiguresExporter:
    return FiguresExporter(FiguresOptions(dpi=60))


def test_every_figure_is_written_twice(run: Run) -> None:
    files = _exporter().export(run)
    expected = {
        f"{name}.{suffix}" for name in ("map", "mst", "heatmap", "dendrogram", "world") for suffix in ("svg", "png")
    }
    assert {file.name for file in files} == expected
    for file in files:
        assert file.parent == run.path / "figures"
        assert file.read_bytes().startswith(b"\x89PNG" if file.suffix == ".png" else b"<?xml")


def test_same_run_same_bytes_whatever_the_users_settings(run: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(run.path, tmp_path / "copy")
    first = {file.name: file.read_bytes() for file in _exporter().export(run)}
    before = dict(rcParams)
    rcParams["font.size"] = 23.0
    try:
        second = {file.name: file.read_bytes() for file in _exporter().export(Run(copy))}
        assert rcParams["font.size"] == 23.0
    finally:
        rcParams.update(before)
    assert first == second


def test_nothing_is_dated(run: Run) -> None:
    for file in _exporter().export(run):
        assert b"<dc:date>" not in file.read_bytes()


@pytest.mark.parametrize("name", ["$x$ \\alpha", "%s {0} <b>"])
def test_names_are_not_markup(run: Run, name: str) -> None:
    file = run.path / "languages.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("Finnish", name), encoding="utf-8")
    assert len(_exporter().export(Run(seal_run(run.path)))) == 2 * len(FIGURES)
