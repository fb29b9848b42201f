"""What counts as a distance matrix, and what as rounding."""

from __future__ import annotations

import numpy as np
import pytest

from langgeo_core.contract.errors import UserError
from langgeo_formats.readers.checks import as_distances

NAN = float("nan")
NAMES = ("deu", "eng", "fra")


def matrix(**changes: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Distances 1, 2 and 3; `r01=5` changes an entry."""
    values = np.array([[0, 1, 2], [1, 0, 3], [2, 3, 0]], dtype=np.float64)
    for place, value in changes.items():
        values[int(place[1]), int(place[2])] = value
    return values


def test_distances_are_left_as_they_are() -> None:
    values, notes = as_distances(matrix(), NAMES, "x")
    np.testing.assert_array_equal(values, matrix())
    assert notes == []


@pytest.mark.parametrize(
    ("given", "note"),
    [
        (matrix(r01=1 + 1e-7), "up to 1.0e-07 from symmetric"),
        (matrix(r11=1e-9), "diagonal was up to 1.0e-09 off 0"),
        (matrix(r01=-1e-9, r10=-1e-9), "down to -1.0e-09 were taken for rounding"),
    ],
)
def test_rounding_is_evened_out_and_told(given: np.ndarray, note: str) -> None:  # type: ignore[type-arg]
    values, notes = as_distances(given, NAMES, "x")
    assert len(notes) == 1
    assert note in notes[0]
    np.testing.assert_array_equal(values, values.T)
    assert (np.diagonal(values) == 0).all() and (values >= 0).all()


def test_an_empty_triangle_is_the_other_s_mirror() -> None:
    values, notes = as_distances(matrix(r01=NAN, r02=NAN, r12=NAN), NAMES, "x")
    np.testing.assert_array_equal(values, matrix())
    assert notes == ["the upper triangle is empty; it mirrors the other"]


def test_a_language_that_nobody_measured_may_lack_its_diagonal() -> None:
    values, notes = as_distances(matrix(r02=NAN, r12=NAN, r20=NAN, r21=NAN, r22=NAN), NAMES, "x")
    np.testing.assert_array_equal(values, [[0, 1, NAN], [1, 0, NAN], [NAN, NAN, 0]])
    assert notes == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (matrix(r01=1.1), "x: not symmetric: deu to eng is 1.1, the other way 1"),
        (matrix(r22=0.5), "distance of fra from itself is 0.5, not 0"),
        (1 - matrix() / 4, "these look like similarities"),
        (matrix(r02=-1, r20=-1), "distance of deu and fra is -1"),
        (matrix(r12=np.inf), "distance of eng and fra is infinite"),
        (matrix(r01=NAN), "distance of deu and eng is missing one way"),
        (np.full((3, 3), NAN), "every distance is missing"),
    ],
)
def test_what_is_no_distance_is_refused(given: np.ndarray, message: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(UserError, match=message):
        as_distances(given, NAMES, "x")


def test_what_is_given_is_not_changed() -> None:
    given = matrix(r01=1 + 1e-7)
    as_distances(given, NAMES, "x")
    assert given[0, 1] == 1 + 1e-7
