from __future__ import annotations

import shutil
from pathlib import Path

from matplotlib import rcParams

from langgeo_core.api import Run
from langgeo_report.figures import FIGURES, FiguresExporter
from langgeo_report.options import FiguresOptions
from langgeo_testing import seal_run


def _exporter() -> FiguresExporter:
    return FiguresExporter(FiguresOptions(dpi=60))


def test_every_figure_is_written_twice_undated_and_whatever_the_users_settings(run: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(run.path, tmp_path / "copy")
    files = _exporter().export(run)
    expected = {
        f"{name}.{suffix}" for name in ("map", "mst", "heatmap", "dendrogram", "world") for suffix in ("svg", "png")
    }
    assert {file.name for file in files} == expected
    for file in files:
        content = file.read_bytes()
        assert file.parent == run.path / "figures"
        assert content.startswith(b"\x89PNG" if file.suffix == ".png" else b"<?xml")
        assert b"<dc:date>" not in content

    before = dict(rcParams)
    rcParams["font.size"] = 23.0
    try:
        again = _exporter().export(Run(copy))
        assert rcParams["font.size"] == 23.0
    finally:
        rcParams.update(before)
    assert {file.name: file.read_bytes() for file in again} == {file.name: file.read_bytes() for file in files}


def test_names_are_not_markup(run: Run) -> None:
    file = run.path / "languages.csv"
    text = file.read_text(encoding="utf-8")
    for language, name in {"Finnish": "$x$ \\alpha", "Hungarian": "%s {0} <b>"}.items():
        assert language in text
        text = text.replace(language, name)
    file.write_text(text, encoding="utf-8")
    assert len(_exporter().export(Run(seal_run(run.path)))) == 2 * len(FIGURES)
