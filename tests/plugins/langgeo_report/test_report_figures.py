from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from matplotlib import rcParams

from langgeo_core.api import Run
from langgeo_report.figures import FIGURES, FiguresExporter, dendrogram_figure
from langgeo_report.options import FiguresOptions
from langgeo_report.view import View
from langgeo_testing import seal_run


def _exporter(**options: Any) -> FiguresExporter:
    return FiguresExporter(FiguresOptions(dpi=60, **options))


def test_every_figure_is_written_three_times_undated_and_whatever_the_users_settings(run: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(run.path, tmp_path / "copy")
    files = _exporter().export(run)
    expected = {
        f"{name}.{suffix}"
        for name in ("map", "mst", "heatmap", "dendrogram", "world")
        for suffix in ("svg", "png", "pdf")
    }
    assert {file.name for file in files} == expected
    for file in files:
        content = file.read_bytes()
        assert file.parent == run.path / "figures"
        assert content.startswith({".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF-"}[file.suffix])
        assert b"<dc:date>" not in content and b"/CreationDate" not in content

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
    assert len(_exporter(formats=("png",)).export(Run(seal_run(run.path)))) == len(FIGURES)


def test_figures_call_languages_as_asked(run: Run) -> None:
    for names, expected in {"id": "fin", "glottocode": "finn1318", "name": "Finnish"}.items():
        view = View.of(run, called=names)  # type: ignore[arg-type]
        place = [language.id for language in run.languages].index("fin")
        assert view.names[place] == expected
        labels = [text.get_text() for axes in dendrogram_figure(view).axes for text in axes.get_yticklabels()]
        assert sorted(labels) == sorted(view.names)
    written = _exporter(names="id", formats=("pdf",)).export(run)
    assert {file.name for file in written} == {f"{name}.pdf" for name in FIGURES}
