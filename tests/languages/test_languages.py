import csv
import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from langgeo_core.api import ConfigError, UserError
from langgeo_core.languages.table import LanguageTable, aliases, is_private

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "langgeo_core" / "languages" / "data" / "languages.csv.gz"


def rows() -> list[dict[str, str]]:
    with gzip.open(TABLE, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CODES = [row["iso639_3"] for row in rows()]


@pytest.fixture
def table() -> LanguageTable:
    return LanguageTable()


def hint_for(identifier: str) -> str:
    with pytest.raises(UserError) as caught:
        LanguageTable().lookup(identifier)
    assert identifier in caught.value.message
    return caught.value.hint


def test_a_row_is_read_whole(table):
    german = table.lookup("deu")
    assert (german.id, german.iso639_3, german.glottocode) == ("deu", "deu", "stan1295")
    assert (german.name, german.level, german.family, german.branch) == (
        "German",
        "language",
        "Indo-European",
        "Germanic",
    )
    assert german.lineage[:3] == ("indo1319", "clas1257", "germ1287")
    assert (german.latitude, german.longitude, german.macroareas) == (48.649, 12.4676, "Eurasia")
    assert german.script == ""


def test_an_isolate_has_no_lineage_and_a_family_node_no_place(table):
    assert table.lookup("eus").lineage == ()
    assert table.lookup("sqi").level == "family"
    assert table.lookup("sqi").branch == "Albanian"
    assert table.lookup("sqi").latitude is None


def test_nan_is_min_nan_and_not_a_missing_value(table):
    assert table.lookup("nan").name == "Min Nan Chinese"


@pytest.mark.parametrize("code", ["bos", "hrv", "srp", "nob", "nno", "lvs"])
def test_dialects_stand_as_they_are(table, code):
    assert table.lookup(code).id == code
    assert table.lookup(code).level == "dialect"


def test_a_script_and_a_variety_are_part_of_the_id_and_the_name(table):
    hans = table.lookup("cmn_Hans")
    assert (hans.id, hans.iso639_3, hans.script, hans.name) == ("cmn_Hans", "cmn", "Hans", "Mandarin Chinese (Hans)")
    sursilvan = table.lookup("roh_sursilv")
    assert (sursilvan.id, sursilvan.script, sursilvan.name) == ("roh_sursilv", "", "Romansh (sursilv)")
    assert [table.lookup(identifier).id for identifier in ("deu_1901", "hau_NE")] == ["deu_1901", "hau_NE"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("est", "ekk"),
        ("zho", "cmn_Hans"),
        ("zh_Hant", "cmn_Hant"),
        ("fas", "pes"),
        ("msa", "zsm"),
        ("swa", "swh"),
        ("que", "quy"),
        ("ara", "arb"),
        ("aze", "azj"),
        ("lav", "lvs"),
        ("mon", "khk"),
        ("nep", "npi"),
        ("nor", "nob"),
        ("ori", "ory"),
        ("pus", "pbt"),
        ("uzb", "uzn"),
        ("yid", "ydd"),
        ("kur", "kmr"),
        ("mlg", "plt"),
        ("no", "nob"),
        ("en", "eng"),
        ("ger", "deu"),
        ("prv", "oci"),
        ("pt_BR", "por_BR"),
    ],
)
def test_an_alias_is_followed_and_the_run_told(table, written, expected):
    (language,), (incident,) = table.resolve([written])
    assert language.id == expected
    assert incident.stage == "plan"
    assert written in incident.message
    assert expected in incident.message


@pytest.mark.parametrize("code", ["lat", "sin", "sqi", "hbs", "aka", "ful", "nan"])
def test_these_are_no_aliases(table, code):
    (language,), incidents = table.resolve([code])
    assert (language.id, incidents) == (code, ())


def test_ids_that_differ_in_the_letters_of_a_region_or_a_variety_are_one(table):
    assert [table.lookup(written).id for written in ("pt_br", "por_BR", "roh_Sursilv", "nds_nl")] == [
        "por_BR", "por_BR", "roh_sursilv", "nds_NL",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="por_br and por_BR both name por_BR"):
        table.resolve(["por_br", "por_BR"])
    assert table.resolve(["por_br"])[1][0].message == "por_br is read as por_BR (Portuguese (BR))"
    for written in ("cmn_hans", "cmn_HANS"):
        assert "`cmn_Hans`" in hint_for(written)


def test_resolve_keeps_the_order(table):
    languages, incidents = table.resolve(["swe", "no", "arb"])
    assert [language.id for language in languages] == ["swe", "nob", "arb"]
    assert len(incidents) == 1


def test_resolve_reports_everything_at_once(table):
    with pytest.raises(ConfigError) as caught:
        table.resolve(["ekk", "est", "deu", "deu", "German", "fin"])
    messages = [problem.message for problem in caught.value.problems]
    assert messages == [
        "ekk and est both name ekk (Estonian)",
        "deu is listed twice",
        "'German' is not a language id",
    ]
    assert "`deu`" in caught.value.problems[2].hint


@pytest.mark.parametrize("code", ["qaa", "qtz", "qaa_Cyrl"])
def test_codes_for_private_use_are_languages(table, code):
    assert table.lookup(code).id == code
    assert table.lookup(code).name.startswith(f"Private use {code[:3]}")
    assert is_private(table.lookup(code))


def test_codes_after_those_for_private_use_are_others(table):
    assert not is_private(table.lookup("quz"))
    with pytest.raises(UserError):
        table.lookup("qzz")


@pytest.mark.parametrize(
    ("written", "suggested"),
    [
        ("German", "deu"),
        ("germna", "deu"),
        ("Persian", "pes"),
        ("Chinese", "cmn_Hans"),
        ("DEU", "deu"),
        ("zh-Hant", "cmn_Hant"),
        ("cmn_hans", "cmn_Hans"),
        ("cmn_Hanz", "cmn_Hans"),
        ("deu-1901", "deu_1901"),
        ("dew", "deu"),
    ],
)
def test_an_unknown_id_gets_the_nearest_known_one(written, suggested):
    assert f"`{suggested}`" in hint_for(written)


@pytest.mark.parametrize("written", ["", "_", "deu_", "False", "wholly unlike anything", "d€u"])
def test_what_is_like_nothing_is_told_what_an_id_is(written):
    assert hint_for(written)


@given(st.sampled_from(CODES))
def test_every_row_resolves_to_a_language_whose_id_is_its_own(code):
    language = LanguageTable().lookup(code)
    assert LanguageTable().lookup(language.id) == language
    assert (language.id == code) == (code not in aliases())


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_language_or_a_user_error(text):
    try:
        language = LanguageTable().lookup(text)
    except UserError as error:
        assert error.hint
    else:
        assert LanguageTable().lookup(language.id) == language


def test_every_alias_ends_in_a_row_and_in_no_other_alias():
    for alias in aliases().values():
        assert alias.iso639_3 in CODES
        assert alias.iso639_3 not in aliases()
        assert alias.name


def test_the_table_is_sound():
    assert len(CODES) == len(set(CODES)) == 8184
    levels = [row["level"] for row in rows()]
    assert [levels.count(level) for level in ("dialect", "family")] == [280, 45]
    assert TABLE.stat().st_size < 1_000_000


def test_the_table_is_made_the_same_way_again(tmp_path):
    source, target = tmp_path / "glottolog.csv", tmp_path / "languages.csv.gz"
    source.write_bytes(gzip.decompress(TABLE.read_bytes()))
    tool = [sys.executable, str(ROOT / "tools" / "make_languages.py"), str(source), "--target", str(target)]
    subprocess.run(tool, check=True, capture_output=True)
    once = target.read_bytes()
    subprocess.run(tool, check=True, capture_output=True)
    assert target.read_bytes() == once
    assert gzip.decompress(once) == source.read_bytes()


def test_reading_the_table_needs_no_heavy_library():
    program = (
        "import sys; from langgeo_core.languages.table import LanguageTable; LanguageTable().lookup('deu');"
        "assert not {'pandas', 'torch', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
