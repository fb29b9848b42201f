from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs
from report_run import example_metrics, tree_distances, write_run
from test_report_statistics import CONFOUNDS, SUPPORT, TREES

from langgeo_core.api import DistanceMatrix, Language, Run, write_distances
from langgeo_core.contract.types import replicate_id
from langgeo_report.matrix_plots import in_steps
from langgeo_report.options import HtmlOptions
from langgeo_report.page import HtmlExporter
from langgeo_testing import seal_run

HOSTILE = "</script><script>alert(1)</script><b>&\"'{{ 7 * 7 }}"


class _Page(HTMLParser):
    """Collects what a browser would load, link to, and find in scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.tags.append(tag)
        if tag == "script":
            self.scripts.append("")
        for name, value in attributes:
            if tag == "a" and name == "href":
                self.links.append(value or "")
            elif name in {"src", "href", "srcset", "data", "action", "poster"}:
                self.loads.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.words.append(data)


def _written(run: Run, **options: Any) -> str:
    (file,) = HtmlExporter(HtmlOptions(**options)).export(run)
    return file.read_text(encoding="utf-8")


def _figures(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', text, re.DOTALL)
    assert found
    figures: dict[str, Any] = json.loads(found[1])
    return figures


def test_page_loads_nothing(run: Run) -> None:
    text = _written(run).replace(get_plotlyjs(), "")
    page = _Page(text)
    assert page.loads == []
    links = {link for link in page.links if not link.startswith("#")}
    assert links == {"https://arxiv.org/abs/2508.11676", "https://glottolog.org"}
    assert {found.rstrip("}.,") for found in re.findall(r"https?://[^\s\"'<]+", text)} == links
    assert "cdn." not in text.lower() and "@import" not in text and "url(" not in text


def test_policy_forbids_requests_and_the_share_button_is_off(run: Run) -> None:
    text = _written(run)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy and "default-src 'none'" in policy[1] and "http" not in policy[1]
    assert "showSendToCloud: false" in text


def test_plotly_is_inlined_once(run: Run) -> None:
    assert _written(run).count("plotly.js v") == 1


def test_every_language_is_named_in_table_and_figures(run: Run) -> None:
    text = _written(run)
    words = " ".join(_Page(text).words)
    labels = {label["text"] for label in _figures(text)["map"]["layout"]["annotations"]}
    for language in run.languages:
        assert language.name in words
        assert any(label.startswith(language.name) for label in labels)


def test_links_lead_somewhere(run: Run) -> None:
    text = _written(run)
    for link in _Page(text).links:
        assert not link.startswith("#") or f'id="{link[1:]}"' in text


def test_same_run_same_bytes(run: Run) -> None:
    assert _written(run) == _written(Run(run.path))


def test_figures_are_what_plotly_accepts(run: Run) -> None:
    figures = _figures(_written(run))
    assert list(figures) == ["map", "space", "tree", "world", "heatmap", "spectrum", "kept"]
    for figure in figures.values():
        go.Figure(figure)
        assert not {trace["type"] for trace in figure["data"]} & {"scattergeo", "choropleth", "scattermap"}


def test_one_level_is_visible_and_covers_every_language(run: Run) -> None:
    figure = _figures(_written(run, colour_by="script"))["map"]
    coloured = [trace for trace in figure["data"] if "level" in trace["meta"]]
    assert {trace["meta"]["level"] for trace in coloured if trace["visible"]} == {"script"}
    assert sum(len(trace["x"]) for trace in coloured if trace["visible"]) == len(run.languages)


def test_names_beyond_the_limit_show_only_where_they_fit(run: Run) -> None:
    crowded = [Language(f"l{index}", "und", name=f"Language number {index}") for index in range(120)]
    write_run(run.path, crowded, tree_distances(crowded))
    few = _figures(_written(Run(run.path), label_limit=40))["map"]["layout"]["annotations"]
    every = _figures(_written(Run(run.path), label_limit=200))["map"]["layout"]["annotations"]
    assert len(few) == len(every) == 120
    assert all(label["visible"] for label in every)


def test_a_page_of_126_languages_is_under_eight_megabytes(run: Run, languages: tuple[Language, ...]) -> None:
    many = [replace(languages[number % 30], id=f"l{number}", name=f"Language number {number}") for number in range(126)]
    write_run(run.path, many, tree_distances(many), example_metrics(126))
    assert len(_written(Run(run.path)).encode()) < 8_000_000


def test_hostile_text_is_only_text(tmp_path: Path, languages: tuple[Language, ...]) -> None:
    hostile = [replace(one, name=f"{HOSTILE} {one.id}", family=f"{HOSTILE} {one.family}") for one in languages]
    incident = {"stage": HOSTILE, "message": HOSTILE}
    metrics = [replace(one, metric=f"{HOSTILE}{one.metric}") for one in example_metrics(30)]
    folder = write_run(
        tmp_path / "run", hostile, tree_distances(hostile), metrics, name=HOSTILE, verdict=HOSTILE, incidents=[incident]
    )
    text = _written(Run(folder))
    page = _Page(text)
    assert len(page.scripts) == 6 and not any("alert(1)" in script for script in page.scripts[3:])
    assert "{{ 7 * 7 }}" in " ".join(page.words)
    assert HOSTILE not in text and "<script>alert" not in text
    label = _figures(text)["map"]["layout"]["annotations"][0]["text"]
    assert "<" not in label and "&lt;script&gt;" in label


def test_incidents_are_prominent(run: Run, languages: tuple[Language, ...]) -> None:
    assert "Not everything ran as configured" not in _written(run)
    incidents = [{"stage": "calibrate", "message": "Damping raised."}]
    write_run(run.path, languages, tree_distances(languages), incidents=incidents)
    text = _written(Run(run.path))
    assert text.index("Damping raised.") < text.index('id="scores"')


def test_licences_are_named(run: Run) -> None:
    words = " ".join(_Page(_written(run)).words)
    for terms in ("Gemma terms of use", "© OHCHR", "BSD-3-Clause", "CC BY 4.0", "public domain"):
        assert terms in words


@pytest.mark.parametrize("missing", ["kept.csv", "metrics.csv", "labels.json"])
def test_a_run_that_lacks_a_file(run: Run, missing: str) -> None:
    (run.path / missing).unlink()
    assert "</html>" in _written(Run(seal_run(run.path)))


def test_confounds_show_what_their_figures_are_uncertain_by(tmp_path: Path, languages: tuple[Language, ...]) -> None:
    metrics = [*example_metrics(len(languages)), *CONFOUNDS]
    page = _written(Run(write_run(tmp_path / "run", languages, tree_distances(languages), metrics)))
    section = page[page.index('<section id="confounds">') :]
    words = " ".join(" ".join(_Page(section[: section.index("</section>")]).words).split())
    assert "p of unique" in words
    assert "10.0 % (5.0 % to 15.0 %) 0.030 20.0 % (15.0 % to 25.0 %)" in words
    assert words.count("Guillot & Rousset 2013") == 1


def test_support_is_told_where_it_was_measured(tmp_path: Path, languages: tuple[Language, ...]) -> None:
    values = tree_distances(languages)
    folders = [
        write_run(tmp_path / name, languages, values, metrics)
        for name, metrics in (("with", [*TREES, *SUPPORT]), ("without", TREES))
    ]
    ids = tuple(replicate_id(one.id, number) for one in languages for number in range(4))
    (folders[0] / "replicates").mkdir()
    write_distances(folders[0] / "replicates" / "distances.csv", DistanceMatrix(ids, np.ones((120, 120)) - np.eye(120)))
    with_it, without = (_Page(_written(Run(seal_run(folder)))).words for folder in folders)
    assert any("Basque (0 of 4)." in word for word in with_it)
    assert any("is not a probability" in word for word in with_it)
    assert not any("is not a probability" in word for word in without)
    assert any("no support of clades is" in word for word in without)


@pytest.mark.parametrize("largest", [3e-5, 1.0, 2e4])
def test_the_heat_map_keeps_four_digits_and_blanks(largest: float) -> None:
    values = np.random.default_rng(0).uniform(0.1 * largest, largest, (5, 5))
    values[np.arange(5), np.arange(5)] = np.nan
    kept = in_steps(values)
    steps = np.frombuffer(b64decode(kept["steps"]), "<u2").reshape(5, 5)
    found = np.where(steps == 65535, np.nan, kept["low"] + steps / 65534 * (kept["high"] - kept["low"]))
    np.testing.assert_allclose(found, values, rtol=1e-4)


@pytest.mark.parametrize("values", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.full((2, 2), 7.0)])
def test_equal_or_missing_distances_make_a_heat_map(values: np.ndarray) -> None:
    kept = in_steps(values)
    steps = np.frombuffer(b64decode(kept["steps"]), "<u2").reshape(values.shape)
    assert ((steps == 65535) == np.isnan(values)).all()
    assert (kept["low"] + steps / 65534 * (kept["high"] - kept["low"]))[~np.isnan(values)].tolist() == [
        value for value in values.ravel() if not np.isnan(value)
    ]
