"""Languages by whatever others call them."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from langgeo_atlas.api import space, spaces
from langgeo_core.api import ConfigError, LanguageTable, UserError
from langgeo_core.languages import names as english_names
from langgeo_core.languages.table import aliases
from langgeo_formats import names as language_names
from langgeo_formats.names import find_language, find_languages


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
        ("Serbian (Latin)", "srp_Latn"),
        ("Serbian [Cyrillic]", "srp_Cyrl"),
        ("Norwegian [Nynorsk]", "nno"),
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
    rows = []
    for table in (english_names._FILE, language_names._FILE):
        with table.open(encoding="utf-8", newline="") as file:
            rows += [{"name": row.get("code"), **row} for row in csv.DictReader(file)]
    listed = [row for row in rows if row["kind"] != "ambiguous"]
    assert len({row["name"] for row in listed}) == len(listed) > 50
    for row in listed:
        assert LanguageTable().lookup(row["id"]).id == row["id"]
        assert find_language(row["name"]).id == row["id"]


def test_a_name_that_sources_give_to_different_languages_is_refused() -> None:
    assert find_language("Võro").id == "vro"
    for name, ids in {"Voro": "vro and vor", "Kui (India)": "uki and kxu", "Wintu": "wnw and wit"}.items():
        with pytest.raises(UserError, match=f"names {ids}"):
            find_language(name)


def ids_of(names: Iterable[str]) -> dict[str, str]:
    """As what the names of a file are read, of those that are neither unknown nor ambiguous."""
    return {name: one.id for name, one in find_languages(names, "x", skip_unknown=True).languages.items()}


STYLES = (str.lower, str.upper, str.title)


@pytest.mark.parametrize("style", STYLES)
def test_codes_are_read_in_any_letters_whether_they_are_names_too_or_not(style: Callable[[str], str]) -> None:
    """All of ISO 639-1, and all of ISO 639-3 with its macrolanguages and retired codes."""
    codes = [one.id for one in LanguageTable().all()]
    stands_for = {**{code: code for code in codes}, **{alias.code: alias.id for alias in aliases().values()}}
    two = {style(code): expected for code, expected in stands_for.items() if len(code) == 2}
    assert len(two) > 184
    assert {code: find_language(code).id for code in two} == two
    three = [code for code in stands_for if len(code) == 3]
    assert {style(code): stands_for[code] for code in three} == {
        style(code): found.id for code in three if (found := find_language(style(code)))
    }
    shared = ("ko", "hu", "en", "wa", "pol", "dan", "tha")
    assert ids_of(map(style, shared)) == {style(code): stands_for[code] for code in shared}


@pytest.mark.parametrize("style", [str, *STYLES[:2]])
def test_names_are_read_as_names_where_a_file_has_nothing_else(style: Callable[[str], str]) -> None:
    """Every name that Glottolog gives to one language is read as it or refused, never as another."""
    names: dict[str, list[str]] = {}
    for language in LanguageTable().all():
        names.setdefault(style(language.name), []).append(language.id)
    readings = {name: language_names._Readings.of(name) for name in names}
    found, ambiguous = language_names._settled(readings)
    unlike = {name: (found[name], names[name]) for name in found if [found[name]] != names[name]}
    # Aliases and listed names are those of widely used languages: `Luo` is that of Kenya.
    listed = {*english_names._names()[0], *english_names._names()[1]}
    assert all(english_names._key(name) in listed for name in unlike), unlike
    assert len(found) > 7_900
    assert len(ambiguous) < 120


ISO_NAMES = {
    "Aka-Bea": "abj", "Aka-Cari": "aci", "Aka-Bo": "akm", "Aka-Kol": "aky", "Ake": "aik", "Awu": "yiu", "Cun": "cuq",
    "Dan": "dnj", "Dhuwal": "dwu", "Fas": "fqs", "Hoti": "hti", "Idu-Mishmi": "clk", "Khalaj": "klj", "Kom": "bkm",
    "Kua": "tyu", "Kwa": "kwb", "Madi": "grg", "Mae": "mme", "Moi-Wadea": "daz", "Nabi": "mty", "Neo": "neu",
    "Neo-Hittite": "nei", "Ngen": "gnj", "Ong": "oog", "Pam": "pmn", "Qau": "gqu", "Sha": "scw", "Sihan": "snr",
    "Soi": "soj", "Swo": "sox", "Võro": "vro", "Voro": "vor", "Wa": "wbm", "Yan-nhangu": "jay", "Yi": "iii",
}  # fmt: skip
"""Names of ISO 639-3 that are codes of other languages, begin with one, or are Glottolog's names of others."""


@pytest.mark.parametrize("style", [str, *STYLES[:2]])
def test_names_of_iso_639_that_are_codes_of_others_are_read_right_or_refused(style: Callable[[str], str]) -> None:
    expected = {style(name): code for name, code in ISO_NAMES.items()}
    found = ids_of([*expected, style("Estonian"), style("German")])
    assert found.items() <= {**expected, style("Estonian"): "ekk", style("German"): "deu"}.items()
    assert len(found) > 2


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Ga", "Twi", "English"), ("gaa", "twi", "eng")),
        (("Ga", "Fr", "De"), ("gle", "fra", "deu")),
        (("GA", "English", "German"), ("gle", "eng", "deu")),
        (("ga", "English", "German"), ("gle", "eng", "deu")),
        (("ga", "english", "german"), ("gaa", "eng", "deu")),
        (("GA", "ENGLISH"), ("gaa", "eng")),
        (("pt-BR", "en_gb", "ZH-HANT", "de-1996"), ("por_BR", "eng_GB", "cmn_Hant", "deu_1996")),
        (("zh_TW", "zh-cn", "nds-nl", "be-x-old"), ("cmn_Hant", "cmn_Hans", "nds_NL", "bel_tarask")),
        (("nan", "cmn_Hans", "de"), ("nan", "cmn_Hans", "deu")),
        (("NA", "DE"), ("nau", "deu")),
    ],
)  # fmt: skip
def test_the_rest_of_the_file_decides(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert ids_of(names) == dict(zip(names, expected, strict=True))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("Ga", "German", "fr"), r"'Ga' is the code of gle \(Irish\) or the name of gaa \(Ga\)"),
        (("Fas", "German"), r"'Fas' is a code, pes \(Western Farsi\), among names"),
        (("NA", "deu"), r"'NA' is the code of nau \(Nauru\) or marks a missing name"),
        (("nan", "German", "English"), r"'nan' is the code of nan \(Min Nan Chinese\) or marks a missing name"),
        (("nan", "de", "EN"), "marks a missing name"),
        (("pt-br", "pt_BR"), r"both name por_BR \(Portuguese \(BR\)\)"),
        (("NaN", "deu"), "unknown language: 'NaN'"),
        (("Võrö", "deu"), "unknown language: 'Võrö'"),
        (("aka-Bo", "deu"), "unknown language: 'aka-Bo'"),
        (("roh-Sursilv", "deu"), "unknown language: 'roh-Sursilv'"),
    ],
)
def test_what_may_be_two_languages_is_refused(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        find_languages(names, "x")


def test_one_word_is_a_code_first_unless_only_the_other_language_is_among_those_asked() -> None:
    assert find_language("Wa").id == "wln"
    assert find_language("Ga").id == "gle"
    assert find_language("Ga", among=("gaa", "eng")).id == "gaa"
    assert find_language("Ga", among=("eng",)).id == "gle"
    with pytest.raises(UserError, match="'Ga' names gle and gaa"):
        find_language("Ga", among=("gaa", "gle"))


def test_a_thousand_unknown_names_take_no_time_and_no_page() -> None:
    began = time.process_time()
    with pytest.raises(ConfigError, match=r"1000 unknown languages: .* and 988 others") as refused:
        find_languages([f"Xyzzy {number}" for number in range(1000)], "x")
    assert len(str(refused.value)) < 1000
    assert time.process_time() - began < 2


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


def test_the_ids_of_a_run_are_read_as_themselves() -> None:
    ids = ["frp_vaud", "roh_sursilv", "cmn_Hant", "por_BR", "ell_polytonic", "deu_1996", "qaa"]
    found = find_languages(ids, "distances.csv")
    assert {written: language.id for written, language in found.languages.items()} == {one: one for one in ids}
    assert found.notes == ()
    packaged = [one for name in spaces() for one in space(name).ids]
    assert not [one for one in find_languages(dict.fromkeys(packaged), "x").languages.items() if one[0] != one[1].id]
