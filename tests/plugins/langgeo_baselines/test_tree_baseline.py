"""Distances on Glottolog's tree, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from langgeo_baselines import langgeo_baselines
from langgeo_baselines.facts import GlottologTree, tree_distances
from langgeo_core.api import BaselineContext, DistanceMatrix, Language, LanguageTable
from langgeo_glottolog.api import path_of


def distances(*languages: Language) -> DistanceMatrix:
    return GlottologTree().distances(BaselineContext(languages, lambda id: ()))


def between(one: str, other: str) -> float:
    table = LanguageTable()
    return float(distances(table.lookup(one), table.lookup(other)).values[0, 1])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("f/b/x", "f/b/y", 1 - 4 / 6),
        ("f/b/x", "f/c/d/y", 1 - 2 / 7),
        ("f/x", "g/x", 1.0),
        ("f/b", "f/b/dialect", 1 - 4 / 5),
        ("isolate", "f/x", 1.0),
        ("isolate", "isolate", 0.0),
    ],
)
def test_by_hand(one: str, other: str, expected: float) -> None:
    found = tree_distances([one.split("/"), other.split("/"), ()])
    nothing = np.nan
    np.testing.assert_allclose(found, [[0, expected, nothing], [expected, 0, nothing], [nothing, nothing, 0]])


def test_nearer_relatives_are_nearer() -> None:
    assert 0 < between("deu", "nld") < between("deu", "swe") < between("deu", "rus") < 1


def test_families_isolates_and_two_texts_of_one_language() -> None:
    assert between("deu", "fin") == between("eus", "deu") == 1
    assert between("cmn_Hans", "cmn_Hant") == 0


def test_a_pseudo_family_relates_nobody() -> None:
    assert between("epo", "ido") == 1
    assert len(path_of(LanguageTable().lookup("epo"))) == 1


def test_a_language_that_glottolog_lacks_is_missing() -> None:
    table = LanguageTable()
    found = distances(table.lookup("deu"), Language("qqq", "qqq"), table.lookup("swe"))
    assert found.lacking_pairs() == ("qqq",)


def test_the_order_of_the_languages_does_not_matter() -> None:
    languages = [LanguageTable().lookup(id) for id in ("deu", "swe", "fin", "eus", "rus")]
    forth, back = distances(*languages), distances(*reversed(languages))
    assert np.array_equal(back.subset(forth.ids).values, forth.values)


def test_what_knows_the_classification_is_a_ceiling_and_says_so() -> None:
    records = list(langgeo_baselines())
    assert [record.name for record in records if record.role == "ceiling"] == ["glottolog-tree", "uriel-genetic"]
    assert all(("ceiling" in record.summary) == (record.role == "ceiling") for record in records)
