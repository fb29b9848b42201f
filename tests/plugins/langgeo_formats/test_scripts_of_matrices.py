"""The scripts of languages whose distances alone are given."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_run import Finished, Langgeo, rows

import langgeo_core as lg
from langgeo_core.api import ConfigError, LanguageTable, UserError
from langgeo_formats.scripts import scripts_of, usual_scripts
from langgeo_text.udhr import Udhr


def test_every_usual_script_is_one_and_of_one_language() -> None:
    assert len(usual_scripts()) == 7221
    with (Path(lg.__file__).parents[1] / "plugins/langgeo_formats/data/usual_scripts.csv").open(newline="") as file:
        listed = [one for row in csv.DictReader(file) for one in row["languages"].split()]
    assert len(listed) == len({*listed}) == 7221
    for one, script in usual_scripts().items():
        assert LanguageTable().lookup(one).id == one
        assert LanguageTable().lookup(f"deu_{script}").script == script


def test_they_are_those_of_nearly_all_of_the_declaration_s_texts() -> None:
    own = {one: script for one, script in Udhr().scripts().items() if "_" not in one}
    found, told = scripts_of(list(own))
    different = {one for one in own if found.get(one) != own[one]}
    assert different == {"bax", "cjs", "ctd", "hnj", "kor", "lad", "ojb", "swb", "yue", "zdj"}
    assert told and f"scripts of {len(own)} languages" in told.message and "unknown" not in told.message


def test_ids_that_name_a_script_are_not_asked_about_and_unknown_ones_are_counted() -> None:
    assert scripts_of(["srp_Latn", "cmn_Hant"]) == ({}, None)
    found, told = scripts_of(["deu", "deu_1901", "rus", "qaa", "srp_Latn"])
    assert found == {"deu": "Latn", "deu_1901": "Latn", "rus": "Cyrl"}
    assert told and told.message.startswith("scripts of 3 languages: where they usually are written, as CLDR has it")
    assert told.message.endswith("unknown of 1, which figures by script leave out: qaa")


def test_a_table_says_what_the_scripts_are(tmp_path: Path) -> None:
    table = tmp_path / "scripts.csv"
    table.write_text("language,script\nGerman,Latf\nru,Cyrl\nNowhere,Latn\n", encoding="utf-8")
    found, told = scripts_of(["deu", "rus", "eng"], table)
    assert found == {"deu": "Latf", "rus": "Cyrl"}
    assert told and told.message == (
        "scripts of 2 languages: scripts.csv; unknown of 1, which figures by script leave out: eng"
    )
    table.write_text("language,script\ndeu,Latin\neng\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"(?s)scripts\.csv, line 2: 'Latin' is no script.*line 3: '' is no script"):
        scripts_of(["deu"], table)
    table.write_text("code,script\ndeu,Latn\n", encoding="utf-8")
    with pytest.raises(UserError, match="the first line is 'code,script'"):
        scripts_of(["deu"], table)


def test_a_file_has_figures_by_script(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    file = own_run.folder / "distances.csv"
    done = langgeo("-q", "evaluate", file, "exporters=[]", "--out", tmp_path / "usual")
    assert (done.code, "note: scripts of 8 languages: where they usually are written" in done.out) == (0, True)
    assert "map-within-script" in {row["metric"] for row in rows(tmp_path / "usual" / "metrics.csv")}
    table = tmp_path / "scripts.csv"
    made_up = zip(("deu", "eng", "fra", "ita", "nld", "por"), ["Latn", "Cyrl"] * 3, strict=True)
    table.write_text("language,script\n" + "".join(f"{one},{script}\n" for one, script in made_up), encoding="utf-8")
    words = ("-q", "evaluate", file, f"matrix.scripts={table}", "exporters=[]", "--out", tmp_path / "own")
    done = langgeo(*words)
    assert (done.code, "leave out: spa, swe" in done.out) == (0, True), done.err
    found = {row["metric"]: row for row in rows(tmp_path / "own" / "metrics.csv") if row["level"] == "family"}
    assert found["map-across-scripts"]["n"] == "6"
    scripts = {row["id"]: row["script"] for row in rows(tmp_path / "own" / "languages.csv")}
    assert (scripts["deu"], scripts["eng"], scripts["spa"]) == ("Latn", "Cyrl", "")
    refused = langgeo("evaluate", file, f"matrix.scripts={tmp_path / 'none.csv'}", "--out", tmp_path / "x")
    assert (refused.code, "none.csv" in refused.err) == (2, True)


def test_a_space_s_own_scripts_are_kept(own_run: Finished) -> None:
    space = lg.space("best").subset(["srp_Latn", "Bulgarian", "Russian", "Polish", "German", "Dutch"])
    known = {one.id: one.script for one in space.languages}
    assert known["srp_Latn"] == "Latn" and known["bul"] == "Cyrl"
    evaluator = {"name": "glottolog", "permutations": 9, "subsamples": 4}
    scored = lg.evaluate(space, evaluators=[evaluator], clusterers=[], baselines=[])
    assert {one.id: one.script for one in scored.languages} == known
    assert "map-across-scripts" in {row["metric"] for row in scored.rows}
    found = lg.compare(space, lg.space("letters"))
    assert "map-across-scripts" in {figure.metric for figure in found.figures}
    bare = lg.compare(own_run.folder / "distances.csv", "letters")
    assert bare.notes[0] == ("distances does not say the scripts of 8 languages: they are taken to be those of letters")
    alone = lg.compare(own_run.folder / "distances.csv", numbers())
    assert alone.notes[0].startswith("scripts of 4 languages: where they usually are written")


def numbers() -> lg.LanguageSpace:
    """Four languages of the run, of which nothing but distances is known."""
    four = lg.space("letters").subset(["German", "English", "French", "Dutch"])
    return replace(four, languages=tuple(replace(one, script="") for one in four.languages), name="numbers")
