"""What a baseline promises."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.errors import LanggeoError, UnavailableError
from langgeo_core.contract.types import BaselineContext, DistanceMatrix, Language
from langgeo_testing.check import Subject, require, skip
from langgeo_testing.numbers import same
from langgeo_testing.world import languages, made_up_text

ROUNDING = 1e-9
SILENT = "ita"
"""The language without a text."""


def one_distance_for_each_pair(subject: Subject) -> None:
    """`distances` gives a DistanceMatrix over exactly the languages of the context, not all of it zero or missing."""
    found = _measured(subject, languages())
    known = found.values[np.isfinite(found.values)]
    require(float(known.max()) > 0, f"all {len(known)} distances that it has are zero")


def same_languages_give_the_same_distances(subject: Subject) -> None:
    """The same languages and texts give the same distances in every instance."""
    known = languages()
    same("distances of a second instance", _measured(subject, known).values, _measured(subject, known).values)


def order_of_languages_does_not_matter(subject: Subject) -> None:
    """A pair's distance does not depend on the order of the languages."""
    known = languages()
    expected = _measured(subject, known)
    turned = _measured(subject, known[::-1]).subset(expected.ids)
    same("distances, languages turned round", turned.values, expected.values, ROUNDING)


def a_language_without_text_is_missing_or_measured(subject: Subject) -> None:
    """A language without a text has distances or NaN, or a LanggeoError says why not; the others keep theirs."""
    known = languages()
    try:
        found = _measured(subject, known, silent=SILENT)
    except LanggeoError:
        return
    rest = [one.id for one in known if one.id != SILENT]
    expected = _measured(subject, known).subset(rest).values
    same("distances between the other languages", found.subset(rest).values, expected, ROUNDING)


def a_run_without_models_or_texts_is_told(subject: Subject) -> None:
    """Where a run has neither text nor tokenizer, it measures all the same or raises UnavailableError."""
    known = languages()
    try:
        subject.build().distances(BaselineContext(known, _no_texts))
    except UnavailableError:
        return


def _measured(subject: Subject, known: tuple[Language, ...], silent: str = "") -> DistanceMatrix:
    texts = {one.id: () if one.id == silent else _documents(one.id) for one in known}
    tokens = {"model": lambda name, whole: _tokens(texts[name], whole)}
    context = BaselineContext(known, texts.__getitem__, tokens, {"model": texts.__getitem__})
    try:
        found = subject.build().distances(context)
    except UnavailableError as lacking:
        skip(str(lacking))
    require(isinstance(found, DistanceMatrix), f"distances gives {type(found).__name__}, no DistanceMatrix")
    require(set(found.ids) == {one.id for one in known}, f"the ids are {', '.join(found.ids)}")
    kept: DistanceMatrix = found.subset([one.id for one in known])
    return kept


def _documents(language: str) -> tuple[str, ...]:
    """Two texts, whose length is the language's own as well."""
    letters = 300 + 40 * (sum(language.encode()) % 13)
    return made_up_text(language, letters), made_up_text(language[::-1], letters)


def _tokens(documents: tuple[str, ...], whole: bool) -> NDArray[np.int64]:
    """(tokens,) one for each three letters of a word, of all the text or of its first eighty words."""
    words = " ".join(documents).split()[: None if whole else 80]
    pieces = [word[start : start + 3] for word in words for start in range(0, len(word), 3)]
    return np.array([int.from_bytes(piece.encode(), "big") for piece in pieces], dtype=np.int64)


def _no_texts(_: str) -> tuple[str, ...]:
    raise UnavailableError("it reads texts, and this run has none")


CHECKS = (
    one_distance_for_each_pair,
    same_languages_give_the_same_distances,
    order_of_languages_does_not_matter,
    a_language_without_text_is_missing_or_measured,
    a_run_without_models_or_texts_is_told,
)
