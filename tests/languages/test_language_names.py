"""Languages by whatever others call them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from langgeo_core.api import ConfigError, UserError
from langgeo_core.languages import names as language_names
from langgeo_core.languages.names import find_language, find_languages
from langgeo_core.languages.table import LanguageTable


@pytest.mark.parametrize(
    ("written", "identifier"),
    [
        ("deu", "deu"),
        ("nan", "nan"),
        ("de", "deu"),
        ("no", "nob"),
        ("DEU", "deu"),
        ("zh-Hant", "cmn_Hant"),
        ("zh_hans", "cmn_Hans"),
        ("pt-BR", "por_BR"),
        ("zh-min-nan", "nan"),
        ("simple", "eng_simple"),
        ("stan1295", "deu"),
        ("German", "deu"),
        ("  german ", "deu"),
        ("Norwegian (Bokmål)", "nob"),
        ("Norwegian (Bokmal)", "nob"),
        ("Volapuk", "vol"),
        ("Chinese (Traditional)", "cmn_Hant"),
        ("Mandarin Chinese (Hant)", "cmn_Hant"),
        ("Mandarin_Chinese_(Hans)", "cmn_Hans"),
        ("Romansh (sursilv)", "roh_sursilv"),
        ("Waray-Waray", "war"),
        ("Persian", "pes"),
        ("als", "als"),
    ],
)
def test_a_language_is_found(written: str, identifier: str) -> None:
    assert find_language(written).id == identifier


@pytest.mark.parametrize("written", ["", "Klingonn", "xx", "mond1269", "German (Xyzz)", "zh-Xyzz", "languages"])
def test_what_is_no_language_is_refused(written: str) -> None:
    with pytest.raises(UserError, match="is not a language id"):
        find_language(written)


def test_a_name_of_several_languages_is_refused() -> None:
    with pytest.raises(UserError, match="names bfa and mot"):
        find_language("Bari")


def test_every_name_that_is_listed_is_of_a_language_and_is_not_known_otherwise() -> None:
    with language_names._FILE.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len({row["name"] for row in listed}) == len(listed) > 50
    for row in listed:
        assert LanguageTable().lookup(row["id"]).id == row["id"]
        assert find_language(row["name"]).id == row["id"]


def test_what_was_read_as_what_is_one_note() -> None:
    found = find_languages(["deu", "English", "fr"], "x.csv")
    assert {name: language.id for name, language in found.languages.items()} == {
        "deu": "deu", "English": "eng", "fr": "fra",
    }  # fmt: skip
    assert [note.message for note in found.notes] == [
        "names of x.csv that are read as languages: English as eng, fr as fra"
    ]
    assert find_languages(["deu", "fra"], "x.csv").notes == ()


def test_all_unknown_names_are_one_problem() -> None:
    with pytest.raises(ConfigError) as refused:
        find_languages(["deu", "Klingon!", "Germann", "??"], "x.csv", advice="leave them out")
    (problem,) = refused.value.problems
    assert (problem.where, problem.message) == ("x.csv", "2 unknown languages: 'Germann', '??'")
    assert "Germann: did you mean `deu` (German)?" in problem.hint
    assert problem.hint.endswith("; leave them out")


def test_unknown_names_are_skipped_where_that_is_asked_for() -> None:
    found = find_languages(["deu", "Germann"], "x.csv", skip_unknown=True)
    assert (list(found.languages), found.unknown) == (["deu"], ("Germann",))
    assert found.notes[0].message == "unknown languages of x.csv, left out: 'Germann'"


@pytest.mark.parametrize("skip", [True, False])
def test_two_names_of_one_language_are_refused(skip: bool) -> None:
    with pytest.raises(ConfigError, match="'de' and 'German' both name deu"):
        find_languages(["de", "eng", "German"], "x.csv", skip_unknown=skip)


def test_the_published_study_s_names_are_all_known() -> None:
    names = Path(__file__).with_name("study_names.txt").read_text(encoding="utf-8").split("\n")
    found = find_languages([name for name in names if name], "the study")
    assert len(found.languages) == 106
