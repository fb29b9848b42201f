import re
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, strategies as st

from langgeo_core.contract.errors import NumericalError, UserError
from langgeo_core.contract.types import DistanceMatrix, Embedding, Evaluation, Layout, Text, WeightMatrix

NAN = float("nan")
GOOD = np.array([[0, 1, 2], [1, 0, 3], [2, 3, 0.0]])


def matrix(values: object, ids: str = "abc") -> DistanceMatrix:
    return DistanceMatrix(tuple(ids), np.array(values, dtype=float))


def altered(place: tuple[int, int], value: float, *, both: bool = True) -> np.ndarray:
    values = GOOD.copy()
    values[place] = value
    if both:
        values[place[::-1]] = value
    return values


@pytest.mark.parametrize(
    ("values", "ids", "message"),
    [
        (GOOD, "ab", r"shape \(3, 3\) does not fit 2 ids"),
        (GOOD[:2], "abc", r"shape \(2, 3\)"),
        (GOOD, "aba", "ids appear twice in a distance matrix: a$"),
        (altered((0, 1), -1), "abc", "negative"),
        (altered((0, 1), np.inf), "abc", "infinite"),
        (altered((0, 1), 5, both=False), "abc", "not symmetric"),
        (altered((0, 1), NAN, both=False), "abc", "not symmetric"),
        (altered((1, 1), 0.5), "abc", "not zero on its diagonal"),
    ],
)
def test_what_is_no_distance_matrix_is_refused(values: np.ndarray, ids: str, message: str):
    with pytest.raises(NumericalError, match=message):
        matrix(values, ids)


def test_a_missing_pair_is_not_a_number():
    assert matrix(GOOD).complete
    lacking = matrix(altered((0, 2), NAN))
    assert not lacking.complete
    assert np.isnan(lacking.values[2, 0])


@pytest.mark.parametrize("ids", ["abcde", "bacde", "edcba"])
def test_what_is_left_out_for_a_missing_pair_does_not_depend_on_the_order(ids: str):
    values = 1 - np.eye(5)
    one, other = ids.index("a"), ids.index("b")
    values[one, other] = values[other, one] = NAN
    assert DistanceMatrix(tuple(ids), values).lacking_pairs() == ("a",)


def test_values_are_a_copy_that_cannot_be_changed():
    values = GOOD.copy()
    made = DistanceMatrix(("a", "b", "c"), values)
    values[0, 1] = 9
    assert made.values[0, 1] == 1
    with pytest.raises(ValueError, match="read-only"):
        made.values[0, 1] = 9
    with pytest.raises(FrozenInstanceError):
        made.values = values


def test_ids_and_values_are_brought_to_their_types():
    made = DistanceMatrix(["a", "b"], np.array([[0, 1], [1, 0]], dtype=np.int32))
    assert made.ids == ("a", "b")
    assert made.values.dtype == np.float64


def test_a_subset_comes_in_the_order_asked_for():
    part = matrix(GOOD).subset(["c", "a"])
    assert part.ids == ("c", "a")
    assert part.values.tolist() == [[0, 2], [2, 0]]
    assert matrix(GOOD).subset(iter("abc")).values.tolist() == GOOD.tolist()
    assert matrix(GOOD).subset([]).values.shape == (0, 0)


def test_a_subset_of_what_is_not_there_or_twice():
    with pytest.raises(KeyError):
        matrix(GOOD).subset(["a", "d"])
    with pytest.raises(NumericalError, match="twice"):
        matrix(GOOD).subset(["a", "a"])


def fingerprint(*documents: str, language: str = "deu", source: str = "x") -> str:
    return Text(language, documents, source).fingerprint


def test_a_fingerprint_is_of_the_documents_alone():
    assert fingerprint("ein", "Text") == fingerprint("ein", "Text", language="eng", source="y")
    assert len(fingerprint("ein")) == 64
    # printf '3:ein' | sha256sum
    assert fingerprint("ein") == "4a2bd61a01300928359d3b3a142977403b38c85242c7ffebfd955cdae18f077f"


def test_documents_do_not_run_into_each_other():
    different = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("c", "ab"), ("1:a", "bc"), ("ab1:c",)]
    assert len({fingerprint(*documents) for documents in different}) == len(different)


documents = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4), max_size=4)


@given(first=documents, second=documents)
def test_fingerprints_are_equal_just_for_equal_documents(first: list[str], second: list[str]):
    assert (fingerprint("a", *first) == fingerprint("a", *second)) == (first == second)


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ("a\0b", "control character U+0000"),
        ("a\x1b[0m", "control character U+001B"),
        ("a\fb", "control character U+000C"),
        ("a\ud83d", "unpaired surrogate U+D83D"),
    ],
)
def test_a_text_holds_no_character_that_only_other_data_hold(document: str, name: str):
    with pytest.raises(UserError, match=f"^here: document 2, character 2 is the {re.escape(name)}\n"):
        Text("deu", ("sound\ttext\r\n\x7f\u0085", document), "here")


@pytest.mark.parametrize("documents", [(), ("",), (" \n", "\u200b\u2060\ufeff\u00ad"), ("\ufe0f\u034f\u3164\u2800",)])
def test_a_text_can_be_seen(documents: tuple[str, ...]):
    with pytest.raises(UserError, match="here has no text"):
        Text("deu", documents, "here")


@pytest.mark.parametrize("document", ["\u200bم", "\ue000", "\U0001d800", "!"])
def test_a_text_of_any_script_can_be_seen(document: str):
    assert Text("qaa", (document,), "here").documents == (document,)


def test_a_layout_names_every_distinct_input_once():
    shared = WeightMatrix("q", 0, "q", 4, 3, "q"), WeightMatrix("k", 0, "k", 2, 3, "q")
    layout = Layout((*shared, WeightMatrix("o", 0, "o", 3, 4, "o")))
    assert layout.inputs == {"q": 3, "o": 4}
    assert [matrix.size for matrix in layout.matrices] == [12, 6, 12]


def test_distances_whose_squares_would_overflow_or_vanish_are_made_moderate():
    ordinary = matrix([[0, 0.3, np.nan], [0.3, 0, 0.7], [np.nan, 0.7, 0]])
    assert ordinary.moderate() is ordinary
    for power in (-1000, -50, 60, 1000):
        np.testing.assert_array_equal(matrix(np.ldexp(ordinary.values, power)).moderate().values, ordinary.values)
    zero = matrix(np.zeros((3, 3)))
    assert zero.moderate() is zero


def test_an_evaluation_has_moderate_distances():
    huge, tiny = (matrix([[0, size], [size, 0]], "ab") for size in (1e300, 1e-300))
    points = Embedding(("a", "b"), np.zeros((2, 1)))
    given = Evaluation((), huge, points, (), {}, baselines={"tiny": tiny})
    for found in (given.distances, given.baselines["tiny"]):
        assert 0.5 <= found.values.max() < 1
