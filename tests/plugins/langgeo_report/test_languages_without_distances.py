"""Reports of a matrix in which some languages have no distances."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from tiny_run import Langgeo, rows

from langgeo_core.api import Run
from langgeo_report.view import View

QUICK = ("evaluators.glottolog.permutations=9", "clusterers=[{name: kmeans, k: 2, seeds: 2}]", "exporters=[]")
FIGURES, TREES = "{name: figures, formats: [svg]}", "{name: trees, support: none}"
EXPORTERS = f"exporters=[html, {FIGURES}, mst, markdown, csv, newick, {TREES}]"


def test_reports_are_of_the_languages_that_have_distances(langgeo: Langgeo, tmp_path: Path) -> None:
    file, out = tmp_path / "x.json", tmp_path / "out"
    points = np.array([np.nan, 1.0, 2.0, 6.0, 7.0, np.nan, 12.0])
    data = {
        "languages_list": ["cy", "de", "en", "fr", "es", "br", "ru"],
        "average_distances_matrix": np.abs(points[:, np.newaxis] - points).tolist(),
    }
    file.write_text(json.dumps(data), encoding="utf-8")
    assert langgeo("evaluate", file, *QUICK, EXPORTERS, "--out", out).code == 0
    run = Run(out)
    assert [language.id for language in run.languages] == ["deu", "eng", "fra", "spa", "rus"]
    assert [language.id for language in run.planned] == ["cym", "deu", "eng", "fra", "spa", "bre", "rus"]
    assert "so few languages (4 with another one of their class)" in (out / "report.md").read_text(encoding="utf-8")
    view = View.of(run)
    assert dict(zip(view.names, view.levels["branch"], strict=True))["Russian"] == "Balto-Slavic"
    assert {row["source"] for row in rows(out / "mst.csv")} <= {"deu", "eng", "fra", "spa", "rus"}
