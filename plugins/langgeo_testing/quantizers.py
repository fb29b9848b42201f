"""What a quantizer promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.protocols import Scope
from langgeo_core.contract.signatures import COMPACT, Scores, Signature
from langgeo_testing.check import Subject, require, skip
from langgeo_testing.forms import GENERAL, equal_forms, well_formed
from langgeo_testing.matrices import LANGUAGES, SHAPES, arrays, blocks, permuted, separable, written_out
from langgeo_testing.numbers import Untouched, same

OTHER_ORDER = (2, 0, 3, 1)
ROUNDING = 1e-6
WIDE = ("layer", "global")
"""Scopes of more than one matrix: the two made-up ones belong to one decoder block."""


def scope_is_known(subject: Subject) -> None:
    """`scope` is `row`, `matrix`, `layer` or `global`."""
    scope = subject.build().scope
    require(scope in get_args(Scope), f"scope is {scope!r}")


def forms_are_signatures_the_compact_first(subject: Subject) -> None:
    """`forms()` names at least one signature of `langgeo_core.contract.signatures`, those a column at a time first."""
    forms = tuple(subject.build().forms())
    strange = [str(form) for form in forms if form not in get_args(Signature)]
    require(bool(forms) and not strange, f"forms() gives {', '.join(strange) or 'nothing'}")
    compact = [form in COMPACT for form in forms]
    require(compact == sorted(compact, reverse=True), f"forms() gives {', '.join(form.__name__ for form in forms)}")


def signatures_are_well_formed(subject: Subject) -> None:
    """`encode` gives the form that it is asked for, finite and with the shapes and dtypes of its class."""
    for form, signatures in _everything(subject, _group()):
        for signature in signatures:
            well_formed(signature, form)


def compact_forms_equal_the_general_ones(subject: Subject) -> None:
    """A form a column at a time says the same as the form with an entry for each weight, zeros and ties included."""
    found = dict(_everything(subject, _group()))
    pairs = [(form, GENERAL[form]) for form in found if GENERAL.get(form) in found]
    if not pairs:
        skip("it has no signature in two forms")
    for compact, general in pairs:
        for one, other in zip(found[compact], found[general], strict=True):
            equal_forms(one, other)


def separable_scores_are_as_good_as_written_out(subject: Subject) -> None:
    """Scores that separate and the same scores one by one have the same signature."""
    for form, signatures in _everything(subject, _group()):
        if form not in COMPACT:
            others = _encoded(subject.build(), [written_out(scores) for scores in _group()], form)
            _equal(form, others, signatures)


def some_rows_at_a_time_are_the_whole(subject: Subject) -> None:
    """The signatures of some rows at a time, put together, are that of the whole matrix."""
    quantizer = subject.build()
    for form, signatures in _everything(subject, _group()):
        if form in COMPACT:
            continue
        group = _group()
        for scores, whole in zip(group, signatures, strict=True):
            fitted = quantizer.fit(group if quantizer.scope in WIDE else [scores])
            parts = [_block(quantizer, block, fitted, form) for block in blocks(scores)]
            entries = np.concatenate([_by_entry(part) for part in parts], axis=1)
            same(f"{form.__name__} of blocks of rows", entries, _by_entry(whole), ROUNDING)


def order_of_languages_does_not_matter(subject: Subject) -> None:
    """Languages in another order have their signatures in that order."""
    for form, signatures in _everything(subject, _group()):
        moved = _encoded(subject.build(), _group(OTHER_ORDER), form)
        _equal(form, moved, [permuted(signature, OTHER_ORDER) for signature in signatures])


def same_scores_give_the_same_signature(subject: Subject) -> None:
    """The same scores give the same signature, and are left as they are."""
    group = _group()
    before = Untouched({f"{part} of {scores.matrix.name}": getattr(scores, part) for scores in group for part in READ})
    for form, signatures in _everything(subject, group):
        _equal(form, _encoded(subject.build(), group, form), signatures)
    before.check()


READ = ("weights", "feature_scores", "sorted_squares")


def _group(order: Sequence[int] = range(LANGUAGES)) -> list[Any]:
    return [separable(module, order) for module in SHAPES]


def _everything(subject: Subject, group: Sequence[Scores]) -> Iterator[tuple[type[Signature], list[Signature]]]:
    """Every form that may be asked for, with the signatures of all matrices."""
    quantizer = subject.build()
    for form in quantizer.forms():
        if quantizer.scope != "row" or form not in COMPACT:
            yield form, _encoded(quantizer, group, form)


def _encoded(quantizer: Any, group: Sequence[Scores], form: type[Signature]) -> list[Signature]:
    """As a run calls it: one fit for the matrices of a scope."""
    if quantizer.scope in WIDE:
        fitted = quantizer.fit(group)
        return [quantizer.encode(scores, fitted, form) for scores in group]
    return [quantizer.encode(scores, quantizer.fit([scores]), form) for scores in group]


def _block(quantizer: Any, block: Scores, fitted: Any, form: type[Signature]) -> Signature:
    found: Signature = quantizer.encode(block, quantizer.fit([block]) if quantizer.scope == "row" else fitted, form)
    return found


def _by_entry(signature: Signature) -> NDArray[Any]:
    """(languages, entries) of a signature with an entry for each weight."""
    (values,) = (values for name, values in arrays(signature).items() if name in ("values", "bits"))
    return np.unpackbits(values, axis=1)[:, : signature.matrix.size] if "bits" in arrays(signature) else values


def _equal(form: type[Signature], found: Sequence[Signature], expected: Sequence[Signature]) -> None:
    for one, other in zip(found, expected, strict=True):
        require(arrays(one).keys() == arrays(other).keys(), f"{form.__name__} has {', '.join(arrays(one))}")
        for name, values in arrays(other).items():
            same(f"{form.__name__}.{name} of {one.matrix.name}", arrays(one)[name], values, ROUNDING)


CHECKS = (
    scope_is_known,
    forms_are_signatures_the_compact_first,
    signatures_are_well_formed,
    compact_forms_equal_the_general_ones,
    separable_scores_are_as_good_as_written_out,
    some_rows_at_a_time_are_the_whole,
    order_of_languages_does_not_matter,
    same_scores_give_the_same_signature,
)
