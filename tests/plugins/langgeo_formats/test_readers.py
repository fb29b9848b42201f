"""The readers, on files as other programs write them."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from langgeo_core.api import RawMatrix, UserError, installed, protocols
from langgeo_formats.nexus import NexusReader, as_nexus
from langgeo_formats.phylip import PhylipReader, as_phylip
from langgeo_formats.study import JsonReader, as_json
from langgeo_formats.table import CsvReader, as_csv

NAN = math.nan
NAMES = ("deu", "nan", "New Norse")
VALUES = np.array([[0, 1.5, 2], [1.5, 0, NAN], [2, NAN, 0]])


def one(reader: protocols.Reader, text: str) -> RawMatrix:
    (matrix,) = reader.read(text)
    return matrix


def assert_is(matrix: RawMatrix, names: tuple[str, ...] = NAMES, values: Any = VALUES) -> None:
    assert matrix.names == names
    np.testing.assert_array_equal(matrix.values, values)


TABLES = {
    "own": "language,deu,nan,New Norse\ndeu,0,1.5,2\nnan,1.5,0,\nNew Norse,2,,0\n",
    "tabs": "\tdeu\tnan\tNew Norse\ndeu\t0\t1.5\t2\nnan\t1.5\t0\tNA\nNew Norse\t2\tNA\t0\n",
    "semicolons and blanks": "x; deu; nan; New Norse\n deu; 0; 1.5; 2\nnan;1.5;0;\n\nNew Norse;2;;0\n;;;\n",
    "no corner": "deu,nan,New Norse\ndeu,0,1.5,2\nnan,1.5,0,NaN\nNew Norse,2,NaN,0",
    "a comma too many": "language,deu,nan,New Norse,\ndeu,0,1.5,2,\nnan,1.5,0,,\nNew Norse,2,,0,\n",
    "other order": "language,New Norse,deu,nan\ndeu,2,0,1.5\nnan,,1.5,0\nNew Norse,0,2,\n",
    "quotes": '"","deu","nan","New Norse"\r\n"deu",0,1.5,2\r\n"nan",1.5,0,?\r\n"New Norse",2,?,0\r\n',
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES.keys())
def test_tables(text: str) -> None:
    assert_is(one(CsvReader(), text))


def test_the_lower_triangle_of_a_table() -> None:
    ragged = one(CsvReader(), "x,a,b,c\na,0\nb,1,0\nc,2,3,0\n")
    np.testing.assert_array_equal(ragged.values, [[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    padded = one(CsvReader(), "x,a,b\na,0,\nb,1,0\n")
    np.testing.assert_array_equal(padded.values, [[0, NAN], [1, 0]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,a,b\na,0,1\nc,1,0\n", "'c' only in the first column and 'b' only in the header"),
        ("x,a,b\na,0,1\n", "'b' only in the header"),
        ("x,a,b\na,0,1\nb,1,zero\n", "row of b: 'zero' is not a number"),
        ("x;a;b\na;0;0,5\nb;0,5;0\n", "'0,5' is not a number\n.*point"),
        ("x,a,b,c\na,0,1,2\nb,1,0\nc,2,3,0\n", "row 2 has 2 entries where a square matrix of 3 rows has 3"),
        ("x,a\n", "no rows below the header"),
    ],
)
def test_tables_that_are_none(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        CsvReader().read(text)


PHYLIPS = {
    "square": "3\ndeu 0 1.5 2\nnan 1.5 0 NaN\nNew Norse 2 NaN 0\n",
    "aligned": "   3  \ndeu        0.0  1.5 2.0\nnan        1.5 0.0 -\nNew Norse  2e0 - 0\n\n",
    "wrapped": "3\ndeu 0 1.5\n 2\nnan 1.5\n  0 NaN\nNew Norse 2\n NaN 0\n",
    "lower with diagonal": "3\ndeu 0\nnan 1.5 0\nNew Norse 2 ? 0\n",
    "lower": "3\ndeu\nnan 1.5\nNew Norse 2 nan\n",
}


@pytest.mark.parametrize("text", PHYLIPS.values(), ids=PHYLIPS.keys())
def test_phylip(text: str) -> None:
    assert_is(one(PhylipReader(), text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3\na 0 1\nb 1 0\n", "2 rows where the first line says 3"),
        ("2\na 0 1\nb 1\n", "row 2 has 1 entries where a square matrix of 2 rows has 2"),
        ("two\na 0 1\nb 1 0\n", "number of rows, not 'two'"),
    ],
)
def test_phylip_that_is_none(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        PhylipReader().read(text)


def nexus(settings: str, matrix: str) -> str:
    return (
        "#NEXUS\n[a comment; with marks]\nBegin taxa;\nDimensions ntax=3;\nTaxlabels deu nan 'New Norse';\nEnd;\n"
        f"BEGIN Distances;\nFORMAT {settings};\nMATRIX {matrix};\nEND;\nBegin trees; tree t = (deu,nan); End;\n"
    )


NEXUSES = {
    "both": nexus("triangle=both labels", "deu 0 1.5 2 nan 1.5 0 ? 'New Norse' 2 ? 0"),
    "lower": nexus("triangle = lower diagonal", "deu 0\n nan 1.5 0\n 'New Norse' 2 ? 0"),
    "default": nexus("missing=?", "deu 0\n nan 1.5 0\n 'New Norse' 2 ? 0"),
    "no diagonal": nexus("triangle=lower nodiagonal labels", "deu nan 1.5 'New Norse' 2 ?"),
    "upper": nexus("triangle=upper", "deu 0 1.5 2 nan 0 ? 'New Norse' 0"),
    "SplitsTree's no diagonal": nexus("labels=left no diagonal triangle=lower", "deu nan 1.5 'New Norse' 2 ?"),
    "SplitsTree's no labels": nexus("labels=no diagonal triangle=both", "0 1.5 2 1.5 0 ? 2 ? 0"),
    "no diagonal and both triangles": nexus("nodiagonal triangle=both", "deu 1.5 2 nan 1.5 ? 'New Norse' 2 ?"),
    "other sign for missing": nexus("triangle=lower missing=x", "deu 0 nan 1.5 0 'New Norse' 2 x 0"),
    "comments in comments": nexus("triangle=lower", '[1 [one]] deu 0 [2]nan 1.5 0 "New Norse" 2 ? 0'),
    "interleaved": nexus(
        "triangle=both interleave=yes", "deu 0 1.5\nnan 1.5 0\n'New Norse' 2 ?\n\ndeu 2\nnan ?\n'New Norse' 0"
    ),
    "interleaved without labels": nexus("triangle=both labels=no interleave", "0 1.5\n1.5 0\n2 ?\n2\n?\n0"),
    "no labels": nexus("triangle=upper nodiagonal nolabels", "1.5 2 ?"),
}


@pytest.mark.parametrize("text", NEXUSES.values(), ids=NEXUSES.keys())
def test_nexus(text: str) -> None:
    matrix = one(NexusReader(), text)
    order = [matrix.names.index(name) for name in NAMES]
    assert len(matrix.names) == 3
    np.testing.assert_array_equal(matrix.values[np.ix_(order, order)], VALUES)


def test_brackets_within_quotes_are_no_comment_and_quotes_within_comments_no_name() -> None:
    text = nexus("triangle=lower", "[it's] 'New [Norse]' 0 [ ' ] 'K''iche' 1 0 K'iche 2 1 0")
    assert one(NexusReader(), text).names == ("New [Norse]", "K'iche", "K'iche")


def test_several_blocks_of_distances_are_several_matrices() -> None:
    text = nexus("triangle=lower", "deu 0 nan 1 0 fra 1 1 0")
    assert [matrix.name for matrix in NexusReader().read(text + text)] == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#NEXUS\nbegin taxa; end;", "no block DISTANCES"),
        ("#NEXUS\nbegin distances; format labels; end;", "no MATRIX"),
        (nexus("triangle=lower", "deu 0 nan 1 2 3"), "6 words in MATRIX do not fit FORMAT triangle lower"),
        (nexus("triangle=upper interleave", "deu 0 1\nnan 0 1"), "rows of the interleaved MATRIX do not fit FORMAT"),
        (nexus("triangle=lower", "deu 0 nan 1 0"), "MATRIX has 2 rows, and TAXLABELS 3 names"),
        (nexus("triangle=left", "deu 0"), "FORMAT says triangle=left"),
        ("#NEXUS [" * 50_000, "line 1: the comment that begins here is not closed"),
        ("#NEXUS\n ] begin", "line 2: a bracket closes no comment"),
        ("#NEXUS\n\n begin 'distances;", "line 3: a quote is not closed"),
        (nexus("triangle=lower", "deu 0 nan one 0 fra 1 1 0"), "row of nan: 'one' is not a number"),
    ],
)
def test_nexus_that_is_none(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        NexusReader().read(text)


LISTS: Any = [[0, 1.5, 2], [1.5, 0, None], [2, None, 0]]
MAPS: Any = {
    "deu": {"nan": 1.5, "New Norse": 2, "deu": 0},
    "nan": {"deu": 1.5, "nan": 0},
    "New Norse": {"deu": 2, "New Norse": 0},
}
SEVERAL: dict[str, Any] = {
    "by name": {"m--c": LISTS},
    "by model and corpus": {"m": {"c": LISTS}},
    "described": [{"model": "m", "corpus": "c", "distances": LISTS}],
    "by language": {"m": {"c": {"distances": MAPS}}},
    "flat": {"m--c": [entry for row in LISTS for entry in row]},
}


@pytest.mark.parametrize("several", SEVERAL.values(), ids=SEVERAL.keys())
def test_the_study_s_matrices(several: Any) -> None:
    average = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    data = {"languages_list": list(NAMES), "average_distances_matrix": average, "distances_matrices": several}
    first, second = JsonReader().read(json.dumps(data))
    assert_is(first, values=average)
    assert_is(second)
    assert first.name == "average"
    assert second.name.startswith("m--c")


def test_the_study_s_list_of_matrices_counts_them() -> None:
    text = json.dumps({"languages_list": list(NAMES), "distances_matrices": [LISTS, LISTS]})
    assert [matrix.name for matrix in JsonReader().read(text)] == ["0", "1"]


def test_json_with_bare_nan_and_described_languages() -> None:
    languages = [{"name": "German", "iso639_3": "deu"}, {"name": "nan"}, "New Norse"]
    text = json.dumps({"languages": languages, "average_distances_matrix": VALUES.tolist(), "distances_matrices": {}})
    assert "NaN" in text
    assert_is(one(JsonReader(), text))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([1], "expected a JSON object"),
        ({"matrix": LISTS}, "there is no 'languages_list'\n.*keys are matrix"),
        ({"languages_list": list(NAMES)}, "there are no distances"),
        ({"languages_list": ["a"], "average_distances_matrix": LISTS}, "a matrix of 3 x 3 does not fit 1 languages"),
        ({"languages_list": list(NAMES), "average_distances_matrix": [[0, 1], [1]]}, "rows differ in length"),
        ({"languages_list": ["a"], "average_distances_matrix": [["x"]]}, 'entries are not numbers, such as "x"'),
        ({"languages_list": list(NAMES), "distances_matrices": {"m": [["1,5"] * 3] * 3}}, 'such as "1,5"'),
        ({"languages_list": list(NAMES), "distances_matrices": {"m": [[True] * 3] * 3}}, "such as true"),
    ],
)
def test_json_that_is_none(data: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        JsonReader().read(json.dumps(data))


def test_half_a_json_is_refused() -> None:
    with pytest.raises(UserError, match="invalid JSON"):
        JsonReader().read('{"languages_list": [')


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("csv", TABLES),
        ("phylip", PHYLIPS),
        ("nexus", NEXUSES),
        ("json", {"": '\n{"languages_list": [], "matrix": []}'}),
    ],
)
def test_the_reader_of_a_format_is_the_surest(name: str, texts: dict[str, str]) -> None:
    readers = {entry.component.name: entry.component.load("factory")() for entry in installed().all("readers")}
    assert len(readers) >= 4
    for text in texts.values():
        assert max(readers, key=lambda reader: float(readers[reader].recognises(text))) == name


SIZES = st.integers(2, 6)
ENTRIES = st.one_of(st.just(NAN), st.floats(0, 1e9, allow_subnormal=True))


@settings(deadline=None)
@given(SIZES.flatmap(lambda n: arrays(np.float64, (n, n), elements=ENTRIES)))
def test_what_a_writer_writes_is_read_back_equal(values: Any) -> None:
    values = np.tril(values, -1)
    values = values + values.T
    names = tuple(["deu", "nan", "it's", "a-b c", "12x", "éwé"][: len(values)])
    assert_is(one(CsvReader(), as_csv(names, values)), names, values)
    assert_is(one(NexusReader(), as_nexus(names, values)), names, values)
    average, single = JsonReader().read(as_json(names, values, {"m--c": values}))
    assert_is(average, names, values)
    assert_is(single, names, values)
    assert (average.default, single.default, single.name) == (True, False, "m--c")
    one_word = tuple(name.replace(" ", "_") for name in names)
    assert_is(one(PhylipReader(), as_phylip(names, values)), one_word, values)
