"""The texts of matrices and trees, against what the formats' descriptions show."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from langgeo_core.api import DistanceMatrix, LanguageTable
from langgeo_formats.exporting import labels
from langgeo_formats.newick import as_newick
from langgeo_formats.nexus import as_nexus
from langgeo_formats.phylip import as_phylip
from langgeo_formats.study import as_json, spread
from langgeo_formats.table import as_csv

NAN = math.nan
NAMES = ["deu", "New Norse", "it's"]
VALUES = np.array([[0, 0.1, NAN], [0.1, 0, 1 / 3], [NAN, 1 / 3, 0]])


def test_csv() -> None:
    assert as_csv(NAMES, VALUES) == (
        "language,deu,New Norse,it's\ndeu,0.0,0.1,\nNew Norse,0.1,0.0,0.3333333333333333\n"
        "it's,,0.3333333333333333,0.0\n"
    )


def test_phylip() -> None:
    third = "0.3333333333333333"
    assert as_phylip(NAMES, VALUES) == f"3\ndeu 0.0 0.1 NaN\nNew_Norse 0.1 0.0 {third}\nit's NaN {third} 0.0\n"


def test_nexus() -> None:
    lines = [line.strip() for line in as_nexus(NAMES, VALUES).splitlines()]
    assert lines[:4] == ["#NEXUS", "BEGIN TAXA;", "DIMENSIONS NTAX=3;", "TAXLABELS deu 'New Norse' 'it''s';"]
    assert lines[lines.index("MATRIX") + 1 :] == [
        "deu 0.0",
        "'New Norse' 0.1 0.0",
        "'it''s' ? 0.3333333333333333 0.0",
        ";",
        "END;",
    ]


def test_json_is_the_study_s_layout_without_nan() -> None:
    written = as_json(NAMES, VALUES, {"a--b": VALUES * 2})
    assert "NaN" not in written
    assert json.loads(written) == {
        "languages_list": NAMES,
        "average_distances_matrix": [[0, 0.1, None], [0.1, 0, 1 / 3], [None, 1 / 3, 0]],
        "distances_matrices": {"a--b": [[0, 0.2, None], [0.2, 0, 2 / 3], [None, 2 / 3, 0]]},
    }


def test_newick_is_upgma() -> None:
    """The worked example of UPGMA's description: a and b join at 8.5, then e at 11, c and d at 14, all at 16.5."""
    names = list("abcde")
    lower = [[], [17], [21, 30], [31, 34, 28], [23, 21, 39, 43]]
    values = np.zeros((5, 5))
    for row, entries in enumerate(lower):
        for column, entry in enumerate(entries):
            values[row, column] = values[column, row] = entry
    text = as_newick(names, values)
    assert text == "((e:11.0,(a:8.5,b:8.5):2.5):5.5,(c:14.0,d:14.0):2.5);\n"


def test_newick_of_a_long_comb_does_not_run_out_of_stack() -> None:
    places = 2.0 ** np.arange(600)[:, None] ** 0.5
    names = [f"x{index}" for index in range(600)]
    text = as_newick(names, np.abs(places - places.T))
    assert text.count("(") == 599


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("id", ["deu", "cmn_Hans", "cmn_Hant"]),
        ("name", ["German", "Mandarin Chinese (Hans)", "Mandarin Chinese (Hant)"]),
        ("glottocode", ["stan1295", "mand1415 cmn_Hans", "mand1415 cmn_Hant"]),
    ],
)
def test_labels_are_unique_and_in_the_order_of_the_distances(names: str, expected: list[str]) -> None:
    assert labels(map(LanguageTable().lookup, ("deu", "cmn_Hans", "cmn_Hant")), names) == expected  # type: ignore[arg-type]


def test_a_matrix_is_spread_over_the_languages_of_the_run() -> None:
    matrix = DistanceMatrix(("eng", "xxx", "deu"), np.array([[0, 1, 2], [1, 0, 3], [2, 3, 0]]))
    np.testing.assert_array_equal(spread(matrix, ("deu", "fra", "eng")), [[0, NAN, 2], [NAN, NAN, NAN], [2, NAN, 0]])
