"""What a reader of distance matrices promises."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from langgeo_core.api import RawMatrix, UserError, protocols
from langgeo_testing.check import Subject, broken, require

GARBAGE = "This file holds no distances between languages.\nIt has two lines of prose.\n"
BEGINNINGS = ("\n", "{", "#", "<", "3\n", "a\tb\n", "a,b\n", "\0\1\2", GARBAGE)
"""How files of other formats may begin."""


def it_has_no_options(subject: Subject) -> None:
    """A reader is built without options."""
    require(not subject.record.options, f"options={subject.record.options!r}")


def its_example_is_recognised(subject: Subject) -> None:
    """`recognises` gives more than 0, and at most 1, for the beginning of `example`."""
    reader: protocols.Reader = subject.build()
    sure = reader.recognises(reader.example[:4096])
    require(0 < sure <= 1, f"recognises(example) is {sure!r}")


def prose_is_not_recognised(subject: Subject) -> None:
    """`recognises` gives 0 for two lines of prose."""
    sure = subject.build().recognises(GARBAGE)
    require(sure == 0, f"recognises({GARBAGE!r}) is {sure!r}")


def any_beginning_can_be_asked_about(subject: Subject) -> None:
    """`recognises` gives a number from 0 to 1, however a file begins."""
    reader: protocols.Reader = subject.build()
    for beginning in BEGINNINGS:
        sure = reader.recognises(beginning)
        require(isinstance(sure, int | float) and 0 <= sure <= 1, f"recognises({beginning!r}) is {sure!r}")


def its_example_is_read(subject: Subject) -> None:
    """`read(example)` gives at least one matrix of at least two languages."""
    found = _read(subject.build())
    require(len(found) > 0, "it gives no matrix")
    for matrix in found:
        require(isinstance(matrix, RawMatrix), f"it gives {matrix!r}, not a RawMatrix")
        require(len(matrix.names) >= 2, f"the names are {matrix.names!r}")


def names_are_unique(subject: Subject) -> None:
    """The names in a matrix of the example are different texts."""
    for matrix in _read(subject.build()):
        require(all(isinstance(name, str) and name for name in matrix.names), f"the names are {matrix.names!r}")
        require(len(set(matrix.names)) == len(matrix.names), f"the names are {matrix.names!r}")


def numbers_are_distances(subject: Subject) -> None:
    """The numbers of the example are (names, names) float64, symmetric, not negative and 0 on the diagonal."""
    for matrix in _read(subject.build()):
        values, n = matrix.values, len(matrix.names)
        require(values.shape == (n, n), f"the shape is {values.shape} with {n} names")
        require(values.dtype == np.float64, f"the dtype is {values.dtype}")
        require(np.array_equal(values, values.T, equal_nan=True), f"not symmetric: {values}")
        require(not (values < 0).any() and not np.isinf(values).any(), f"negative or infinite: {values}")
        require(not np.diagonal(values).any(), f"the diagonal is {np.diagonal(values)}")
        require(bool(np.nansum(values) > 0), f"every distance is 0 or missing: {values}")


def matrices_can_be_chosen(subject: Subject) -> None:
    """Several matrices have different names, and at most one is the default."""
    found = _read(subject.build())
    names = [matrix.name for matrix in found]
    require(len(set(names)) == len(names), f"the matrices are named {names!r}")
    require(sum(matrix.default for matrix in found) <= 1, "several matrices are the default")


def reading_again_gives_the_same(subject: Subject) -> None:
    """`read` gives the same matrices each time."""
    reader: protocols.Reader = subject.build()
    for one, other in zip(_read(reader), _read(reader), strict=True):
        require((one.names, one.name, one.default) == (other.names, other.name, other.default), f"{one!r}, {other!r}")
        require(np.array_equal(one.values, other.values, equal_nan=True), f"{one.values}, then {other.values}")


def garbage_is_refused_with_one_message(subject: Subject) -> None:
    """`read` raises UserError, with a message of one line, where the text is not in the format."""
    try:
        found = subject.build().read(GARBAGE)
    except UserError as failure:
        require(len(failure.message.splitlines()) == 1, f"the message is {failure.message!r}")
    except Exception as failure:
        broken(f"it raises {type(failure).__name__}: {failure}")
    else:
        broken(f"it reads {found!r}")


def half_a_file_is_read_or_refused(subject: Subject) -> None:
    """`read` raises nothing but UserError where the example is cut off."""
    reader: protocols.Reader = subject.build()
    for end in range(1, len(reader.example), math.ceil(len(reader.example) / 100)):
        text = reader.example[:end]
        if text.strip():
            try:
                reader.read(text)
            except UserError:
                continue
            except Exception as failure:
                broken(f"read({text!r}) raises {type(failure).__name__}: {failure}")


def _read(reader: protocols.Reader) -> Sequence[RawMatrix]:
    return reader.read(reader.example)


CHECKS = (
    it_has_no_options,
    its_example_is_recognised,
    prose_is_not_recognised,
    any_beginning_can_be_asked_about,
    its_example_is_read,
    names_are_unique,
    numbers_are_distances,
    matrices_can_be_chosen,
    reading_again_gives_the_same,
    garbage_is_refused_with_one_message,
    half_a_file_is_read_or_refused,
)
