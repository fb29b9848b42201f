"""Word lists in the formats of the ASJP database, made up here, and the distances between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from langgeo_baselines.ldnd import Ldnd, ldnd, levenshtein
from langgeo_baselines.options import LdndOptions
from langgeo_baselines.word_lists import SOUNDS, WordList, read_word_lists, sounds
from langgeo_core.api import BaselineContext, ConfigError, DistanceMatrix, LanguageTable, UserError

PREAMBLE = """\
     2    28  1700     3    92    72
(I4,20X,10A1)
   1                    I
   2                    you

p
"
~
\t

"""
FACTS = " 3   -5.50  -48.00         700   {wals:3}   {code:3}"


def a_list(name: str, code: str, *entries: str) -> str:
    return "\n".join([f"{name}{{Mad.MADE_UP|Made,Up@Made}}", FACTS.format(wals="xyz", code=code), *entries, ""])


def written(folder: Path, *lists: str, name: str = "lists.txt") -> Path:
    file = folder / name
    file.write_text(PREAMBLE + "".join(lists) + "     \n", encoding="utf-8")
    return file


def measured(path: Path, *ids: str, **options: Any) -> tuple[DistanceMatrix, Sequence[str]]:
    baseline = Ldnd(LdndOptions(path=path, **{"shared": 2, **options}))
    found = baseline.distances(BaselineContext(tuple(map(LanguageTable().lookup, ids)), lambda _: ()))
    return found, baseline.remarks()


ENG = a_list("ENGLISH_OF_NOWHERE", "eng", "1 I\tab //", "2 you\tcd //")
DEU = a_list("DEUTSCH", "deu", "1 I\tab //", "2 you\tce //")


def test_two_words_by_hand(tmp_path: Path) -> None:
    """`ab` and `ab` are at 0, `cd` and `ce` at ½; `ab` and `ce`, `cd` and `ab` at 1: ¼ divided by 1."""
    found, remarks = measured(written(tmp_path, ENG, DEU), "deu", "eng")
    np.testing.assert_array_equal(found.values, [[0, 0.25], [0.25, 0]])
    assert remarks == []


def test_synonyms_are_averaged_and_loans_and_gaps_left_out(tmp_path: Path) -> None:
    """`ab` beside `ab` and `cb`: ¼; `cd` beside `ce`: ½. Different: (ab, ce) 1; (cd, ab) 1 and (cd, cb) ½."""
    other = a_list("DEUTSCH", "deu", "2 you\tce, %cd // a comment", "1  I\tab,cb//", "3 we\tXXX /", "4 this\t%ab")
    found, _ = measured(written(tmp_path, ENG + "3 we\tp //\n4 this\tp //\n", other), "deu", "eng")
    expected = (0.25 + 0.5) / 2 / ((1 + 0.75) / 2)
    assert found.values[0, 1] == pytest.approx(expected, rel=1e-15)


def test_the_marks_of_asjpcode_belong_to_their_sounds() -> None:
    assert sounds('kh~w"Ena*') == ("kh", 'w"', "E", "n", "a*")
    assert sounds("hkw$a") == ("hkw", "a")
    assert sounds('!"~a') == ('!"', "a") and sounds("ba bo") == ("b", "a", "b", "o")
    for wrong in ("~a", "*", "ä", "a/b", "A"):
        with pytest.raises(ValueError, match="is not in ASJPcode"):
            sounds(wrong)


def plain(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein distance, by its definition."""
    if not one or not other:
        return len(one) + len(other)
    substituted = plain(one[1:], other[1:]) + (one[0] != other[0])
    return min(substituted, plain(one[1:], other) + 1, plain(one, other[1:]) + 1)


def by_definition(one: WordList, other: WordList) -> float:
    def ldn(first: str, second: str) -> float:
        pairs = [(a, b) for a in one.words[first] for b in other.words[second]]
        return float(np.mean([plain(a, b) / max(len(a), len(b)) for a, b in pairs]))

    both = one.words.keys() & other.words.keys()
    same = np.mean([ldn(meaning, meaning) for meaning in both])
    return float(same / np.mean([ldn(a, b) for a in both for b in both if a != b]))


WORDS = st.lists(st.text(sorted(SOUNDS)[:4], min_size=1, max_size=4).map(tuple), min_size=1, max_size=2).map(tuple)
LISTS = st.dictionaries(st.sampled_from("12345"), WORDS, min_size=3).map(lambda words: WordList("", "", words))


@settings(max_examples=60, deadline=None)
@given(LISTS, LISTS)
def test_it_is_what_the_definition_says(one: WordList, other: WordList) -> None:
    if len(one.words.keys() & other.words.keys()) < 2:
        assert np.isnan(ldnd(one, other))
        return
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = by_definition(one, other)
    found = ldnd(one, other)
    assert found == pytest.approx(expected, rel=1e-12) or (not np.isfinite(expected) and np.isnan(found))
    assert found == pytest.approx(ldnd(other, one), rel=1e-12, nan_ok=True)


def test_levenshtein_of_nothing() -> None:
    assert levenshtein(np.array([1, 2, 3]), np.array([], dtype=np.int64)) == 3
    assert levenshtein(np.array([1, 2, 3]), np.array([2, 3, 1])) == 2


def test_several_lists_of_a_language(tmp_path: Path) -> None:
    file = written(tmp_path, ENG, DEU, a_list("DEITSCH", "deu", "1 I\tab //", "2 you\tcd //"))
    found, remarks = measured(file, "deu", "eng")
    assert found.values[0, 1] == 0.125
    assert list(remarks) == ["deu has 2 word lists, and distances are means over them: DEUTSCH, DEITSCH"]
    found, remarks = measured(file, "deu", "eng", lists="first")
    assert found.values[0, 1] == 0.25
    assert list(remarks) == ["deu has 2 word lists, and the first is read: DEUTSCH, DEITSCH"]


def test_languages_are_found_by_their_codes(tmp_path: Path) -> None:
    """One of a macrolanguage is its member's, two scripts share a list, and a language without one is missing."""
    estonian = a_list("EESTI", "est", "1 I\tab //", "2 you\tcc //")
    chinese, nothing = a_list("CHINESE", "cmn", "1 I\tpp //", "2 you\tss //"), a_list("NOWHERE", "", "1 I\tp //")
    file = written(tmp_path, nothing, estonian, a_list("UNKNOWN", "zz0", "1 I\tp //"), chinese, ENG)
    found, remarks = measured(file, "cmn_Hans", "ekk", "cmn_Hant", "eng", "fra")
    assert found.values[0, 2] == 0 and found.values[1, 3] == 0.25 and found.values[0, 1] == 1
    assert found.lacking_pairs() == ("fra",) and remarks == []


def test_pairs_that_share_too_few_meanings_are_missing(tmp_path: Path) -> None:
    file = written(tmp_path, ENG, DEU)
    assert np.isnan(measured(file, "deu", "eng", shared=3)[0].values[0, 1])
    assert LdndOptions(path=file).shared == 20


def test_the_order_of_the_languages_does_not_matter(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    letters = sorted(SOUNDS)

    def entries() -> list[str]:
        return [f"{number} m\t{''.join(draw.choice(letters, draw.integers(1, 7)))} //" for number in range(30)]

    lists = [a_list(code.upper(), code, *entries()) for code in ("deu", "eng", "swe", "fra")]
    file = written(tmp_path, *lists)
    there, _ = measured(file, "deu", "eng", "swe", "fra")
    back, _ = measured(file, "fra", "swe", "eng", "deu")
    np.testing.assert_array_equal(there.values, back.subset(there.ids).values)
    assert 0.9 < there.values[np.triu_indices(4, 1)].mean() < 1.1


FORMS = """\
ID,Language_ID,Parameter_ID,Value,Form,Loan
1,ENGLISH,1,ab,ab,false
2,ENGLISH,2,cd,cd,false
3,DEUTSCH,1,ab,ab,
4,DEUTSCH,2,ce,"ce",false
5,DEUTSCH,2,cd,cd,true
"""


def test_cldf_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "cldf").mkdir()
    forms = tmp_path / "cldf" / "forms.csv"
    forms.write_text(FORMS, encoding="utf-8")
    (tmp_path / "cldf" / "languages.csv").write_text("ID,ISO639P3code\nENGLISH,eng\nDEUTSCH,deu\n", encoding="utf-8")
    for path in (tmp_path, tmp_path / "cldf", forms):
        assert measured(path, "deu", "eng")[0].values[0, 1] == 0.25
    (tmp_path / "cldf" / "languages.csv").unlink()
    forms.write_text(FORMS.replace("ENGLISH", "eng").replace("DEUTSCH", "deu"), encoding="utf-8")
    assert measured(forms, "deu", "eng")[0].values[0, 1] == 0.25


def test_words_in_another_code_are_left_out_and_counted(tmp_path: Path) -> None:
    file = written(tmp_path, ENG, DEU + "3 we\twür, Qa //\n")
    found, remarks = measured(file, "deu", "eng")
    assert found.values[0, 1] == 0.25
    first = len(file.read_text(encoding="utf-8").splitlines()) - 1
    assert list(remarks) == [
        f"words not in ASJPcode are left out: 2, the first in line {first}: 'wür' is not in ASJPcode"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no word list with an ISO 639-3 code"),
        ("language,deu\ndeu,0\n", "has no word list with an ISO 639-3 code"),
        (a_list("A", "", "1 I\tab //"), "has no word list with an ISO 639-3 code"),
        (a_list("A", "deu", "1 I\tä //"), "line 3: 'ä' is not in ASJPcode"),
        (a_list("A", "deu", "1 I ab //"), "line 3: '1 I ab //' is no entry of a word list"),
        (a_list("A", "deu", "I\tab //"), "line 3: 'I\\tab //' is no entry of a word list"),
        ("A{B|C}\n1 I\tab //\n", "line 2: expected the facts about a list"),
        ("A{B|C}", "line 2: expected the facts about a list"),
        ("A{B|C}\n" + FACTS.format(wals="", code="12x"), "line 2: expected the facts about a list"),
        (a_list("A", "deu", "1 I\tab //") + a_list("A", "eng", "1 I\tab //"), "line 4: A is there twice"),
        (a_list("A", "deu", "1 I\tab //"), "has word lists of fewer than two languages of this run"),
    ],
)
def test_a_file_in_another_format_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "lists.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as told:
        measured(file, "deu", "eng")
    assert said in told.value.message and str(file) in told.value.message


@pytest.mark.parametrize(
    ("forms", "languages", "said"),
    [
        ("Language_ID,Form\ndeu,ab\n", "", "forms.csv, line 1: there is no column Parameter_ID"),
        ("Language_ID,Parameter_ID,Form\ndeu,1,ab\ndeu,2\n", "", "line 3: 2 entries where the first line has 3"),
        ('Language_ID,Parameter_ID,Form\ndeu,1,"ab\n', "", "line 2"),
        ("Language_ID,Parameter_ID,Form\ndeu,1,ab\n", "ID,Name\nx,y\n", "languages.csv, line 1: there is no column"),
        ("Language_ID,Parameter_ID,Form\ndeu,1,ab\n", "ID,ISO639P3code\nx,y\n", "has no word list with an ISO"),
        ("", "", "there is no column Language_ID"),
    ],
)
def test_bad_cldf_is_told_with_its_line(tmp_path: Path, forms: str, languages: str, said: str) -> None:
    (tmp_path / "forms.csv").write_text(forms, encoding="utf-8")
    if languages:
        (tmp_path / "languages.csv").write_text(languages, encoding="utf-8")
    with pytest.raises(UserError) as told:
        measured(tmp_path, "deu", "eng")
    assert said in told.value.message


def test_comments_may_be_in_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "old.txt"
    text = (PREAMBLE + ENG + DEU).replace("\n", "\r\n")
    file.write_bytes(text.encode().replace(b"ce //", b"ce // sch\xf6n"))
    assert measured(file, "deu", "eng")[0].values[0, 1] == 0.25


def test_a_missing_file_and_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        measured(tmp_path / "none.txt", "deu", "eng")
    with pytest.raises(UserError, match="cannot be read"):
        measured(tmp_path, "deu", "eng")
    (tmp_path / "forms.csv").write_bytes(FORMS.encode() + b"6,DEUTSCH,3,\xe4,\xe4,\n")
    with pytest.raises(ConfigError, match=r"forms\.csv:7"):
        read_word_lists(tmp_path)
