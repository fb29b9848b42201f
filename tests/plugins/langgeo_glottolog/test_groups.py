"""Groups of Glottolog's tree by their names."""

from __future__ import annotations

from collections import Counter

import pytest

from langgeo_core.api import LanguageTable
from langgeo_glottolog.api import group_named, group_names, groups_like


def test_nearly_every_group_of_a_lineage_has_one_name_of_its_own() -> None:
    codes = {code for language in LanguageTable().all() for code in language.lineage}
    assert {*group_names()} <= codes
    assert len(codes - {*group_names()}) / len(codes) < 0.02
    assert [name for name, count in Counter(map(str.casefold, group_names().values())).items() if count > 1] == []


@pytest.mark.parametrize(("code", "family"), [("deu", "Indo-European"), ("zul", "Atlantic-Congo"), ("fin", "Uralic")])
def test_the_first_group_of_a_lineage_is_the_family(code: str, family: str) -> None:
    language = LanguageTable().lookup(code)
    assert group_names()[language.lineage[0]] == language.family == family


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Germanic", "germ1287"),
        ("  north   GERMANIC ", "nort3160"),
        ("Narr1281", "narr1281"),
        ("Bantu", "narr1281"),
        ("German", ""),
        ("", ""),
    ],
)
def test_a_group_is_found_by_its_name_or_glottocode(written: str, code: str) -> None:
    assert group_named(written) == code


def test_groups_with_the_word_and_else_those_spelt_like_it() -> None:
    assert {group_names()[code] for code in groups_like("East Slavic")} == {"East Slavic"}
    assert "slav1255" in groups_like("Slavic") and len(groups_like("Slavic")) > 5
    assert groups_like("Slavvic")[0] == "slav1255"
    assert groups_like("qqqqq") == []
