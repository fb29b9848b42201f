"""What a distance between signatures promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.signatures import (
    COMPACT,
    Dense,
    Densities,
    KeptCounts,
    LevelCounts,
    Levels,
    PackedBits,
    ScaledColumns,
    ShiftedColumns,
    Signature,
)
from langgeo_testing.check import Subject, require, skip
from langgeo_testing.matrices import LANGUAGES, ROWS, arrays, permuted, separable
from langgeo_testing.numbers import Untouched, array, finite, same

TWINS = (0, LANGUAGES)
"""Two languages with the same scores: the first, and a copy of it behind the others."""
TWINNED = (*range(LANGUAGES), 0)
ORDER = (3, 0, 4, 2, 1)
ROUNDING = 1e-6
NOTHING = 1e-6
"""A distance of zero, as a share of the largest: a root of what rounding leaves of equal sums."""


def terms_are_named(subject: Subject) -> None:
    """`terms` names the sums that are kept, each once."""
    terms = subject.build().terms
    named = isinstance(terms, tuple) and all(isinstance(term, str) and term for term in terms)
    require(bool(named and terms and len(set(terms)) == len(terms)), f"terms is {terms!r}")


def forms_are_signatures(subject: Subject) -> None:
    """`forms()` names at least one signature of `langgeo_core.contract.signatures`."""
    forms = tuple(subject.build().forms())
    strange = [str(form) for form in forms if form not in get_args(Signature)]
    require(bool(forms) and not strange, f"forms() gives {', '.join(strange) or 'nothing'}")


def partial_sums_have_an_entry_for_each_pair(subject: Subject) -> None:
    """`partial` gives finite numbers, (terms, languages, languages)."""
    distance = subject.build()
    for signature in _signatures(subject):
        partial = array(_of(signature, "partial"), distance.partial(signature), _shape(distance), "fiu")
        finite(_of(signature, "partial"), partial)


def distances_are_symmetric_and_not_negative(subject: Subject) -> None:
    """`finish` gives finite distances that are symmetric and not negative, zero for a language and itself."""
    distance = subject.build()
    for signature in _signatures(subject):
        values = array(_of(signature, "finish"), _finished(distance, signature), _shape(distance)[1:])
        finite(_of(signature, "finish"), values)
        least = NOTHING * float(np.abs(values).max())
        same(f"{_of(signature, 'finish')} transposed", values.T, values, ROUNDING)
        require(float(values.min()) >= -least, f"{_of(signature, 'finish')} has {values.min()}")
        require(float(np.abs(np.diagonal(values)).max()) <= least, f"the diagonal has {np.diagonal(values)}")


def languages_with_equal_scores_are_not_told_apart(subject: Subject) -> None:
    """Two languages with the same signature are at distance zero, and others are not."""
    distance = subject.build()
    for signature in _signatures(subject):
        values = _finished(distance, signature)
        require(float(values.max()) > 0, f"{_of(signature, 'finish')} is zero for languages that differ")
        between = float(values[TWINS])
        require(abs(between) <= NOTHING * float(values.max()), f"{_of(signature, 'finish')} of equal ones is {between}")


def sums_of_blocks_of_rows_are_those_of_the_whole(subject: Subject) -> None:
    """The partial sums of some rows at a time add up to those of the whole matrix."""
    distance = subject.build()
    tried = [signature for signature in _signatures(subject) if type(signature) not in COMPACT]
    if not tried:
        skip("it reads signatures a column at a time alone")
    for signature in tried:
        parts = [distance.partial(_rows(signature, part)) for part in (slice(0, 5), slice(5, ROWS))]
        same(f"{_of(signature, 'partial')} in two parts", parts[0] + parts[1], distance.partial(signature), ROUNDING)


def all_forms_give_the_same_distances(subject: Subject) -> None:
    """The compact form of a signature gives the distances of the form with an entry for each weight."""
    distance = subject.build()
    read = distance.forms()
    pairs = [(one, other) for one, other in _equivalent() if type(one) in read and type(other) in read]
    if not pairs:
        skip("it reads no two forms of one signature")
    for compact, general in pairs:
        both = f"{type(compact).__name__} and {type(general).__name__}"
        same(f"the distances of {both}", _finished(distance, compact), _finished(distance, general), ROUNDING)


def order_of_languages_does_not_matter(subject: Subject) -> None:
    """Languages in another order have their distances in that order."""
    distance = subject.build()
    for signature in _signatures(subject):
        moved = _finished(distance, permuted(signature, ORDER))
        same(
            f"{_of(signature, 'finish')} reordered",
            moved,
            _finished(distance, signature)[np.ix_(ORDER, ORDER)],
            ROUNDING,
        )


def signatures_are_left_as_they_are(subject: Subject) -> None:
    """The same signature gives the same distances, and is left as it is."""
    for signature in _signatures(subject):
        before = Untouched(arrays(signature))
        first = _finished(subject.build(), signature)
        before.check()
        same(f"{_of(signature, 'finish')} of a second instance", _finished(subject.build(), signature), first)


def _signatures(subject: Subject) -> Iterator[Signature]:
    """One of each form that the distance reads."""
    made: dict[type[Signature], Signature] = {Densities: _densities()}
    for pair in _equivalent():
        for signature in pair:
            made.setdefault(type(signature), signature)
    yield from (made[form] for form in subject.build().forms())


def _equivalent() -> Iterator[tuple[Signature, Signature]]:
    """Compact signatures of four languages and a twin, each with the general one that says the same."""
    scores = separable(order=TWINNED)
    dense = np.stack([scores.dense(language) for language in range(scores.languages)])
    matrix, flat = scores.matrix, dense.reshape(len(dense), -1)
    kept = dense > np.median(flat, axis=1)[:, None, None]
    yield KeptCounts(matrix, kept.sum(axis=1, dtype=np.int32)), PackedBits(matrix, _packed(kept))
    thresholds = np.quantile(flat, (0.25, 0.5, 0.75), axis=1)
    levels = np.stack([dense > threshold[:, None, None] for threshold in thresholds]).sum(axis=0, dtype=np.uint8)
    above = [(levels > threshold).sum(axis=1, dtype=np.int32) for threshold in range(3)]
    yield LevelCounts(matrix, np.stack(above)), Levels(matrix, levels.reshape(len(flat), -1))
    yield _scaled(scores.weights, scores.feature_scores), Dense(matrix, flat)
    yield _shifted(scores.weights, scores.feature_scores)


def _densities() -> Densities:
    scores = separable(order=TWINNED)
    flat = np.stack([scores.dense(language).ravel() for language in range(scores.languages)])
    return Densities(scores.matrix, flat, flat.mean(axis=1, dtype=np.float64))


def _packed(kept: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.packbits(kept.reshape(len(kept), -1), axis=1)


def _scaled(weights: NDArray[np.float32], factors: NDArray[np.float32]) -> ScaledColumns:
    squares = np.square(weights).astype(np.float64)
    return ScaledColumns(separable().matrix, factors.astype(np.float64), squares.sum(axis=0), (squares**2).sum(axis=0))


def _shifted(weights: NDArray[np.float32], factors: NDArray[np.float32]) -> tuple[ShiftedColumns, Dense]:
    """Of logarithms, the zero weights left out."""
    counts = weights != 0
    logarithms = np.log(np.square(weights, dtype=np.float64), out=np.zeros(weights.shape), where=counts)
    values = np.log(factors.astype(np.float64))
    matrix = separable().matrix
    sums = logarithms.sum(axis=0), np.square(logarithms).sum(axis=0)
    dense = np.stack([(logarithms + value)[counts] for value in values]).astype(np.float32)
    return ShiftedColumns(matrix, values, counts.sum(axis=0).astype(np.float64), *sums), Dense(matrix, dense)


def _rows(signature: Signature, part: slice) -> Signature:
    """Some rows of a signature with an entry for each weight."""
    matrix = replace(signature.matrix, rows=part.stop - part.start)
    entries = slice(part.start * matrix.columns, part.stop * matrix.columns)
    if isinstance(signature, PackedBits):
        unpacked = np.unpackbits(signature.bits, axis=1)[:, entries]
        return PackedBits(matrix, np.packbits(unpacked, axis=1))
    changed: dict[str, Any] = {"matrix": matrix, "values": arrays(signature)["values"][:, entries]}
    return replace(signature, **changed)


def _finished(distance: Any, signature: Signature) -> NDArray[np.float64]:
    found: NDArray[np.float64] = distance.finish(distance.partial(signature), signature.matrix.size)
    return found


def _shape(distance: Any) -> tuple[int, int, int]:
    return len(distance.terms), LANGUAGES + 1, LANGUAGES + 1


def _of(signature: Signature, what: str) -> str:
    return f"{what}({type(signature).__name__})"


CHECKS = (
    terms_are_named,
    forms_are_signatures,
    partial_sums_have_an_entry_for_each_pair,
    distances_are_symmetric_and_not_negative,
    languages_with_equal_scores_are_not_told_apart,
    sums_of_blocks_of_rows_are_those_of_the_whole,
    all_forms_give_the_same_distances,
    order_of_languages_does_not_matter,
    signatures_are_left_as_they_are,
)
