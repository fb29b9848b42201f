"""What a corpus promises."""

from __future__ import annotations

from itertools import islice

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import CorpusIdentity, Text
from langgeo_core.languages.table import LanguageTable
from langgeo_testing.check import Subject, broken, require

READ = 3
"""How many languages' texts are read."""


def identity_is_stable(subject: Subject) -> None:
    """`identity` says which text this is and on what terms, the same in every instance."""
    found = subject.build().identity()
    require(isinstance(found, CorpusIdentity), f"identity gives {type(found).__name__}, no CorpusIdentity")
    empty = [name for name, value in vars(found).items() if not value]
    require(not empty, f"the identity has no {', '.join(empty)}")
    again = subject.build().identity()
    require(again == found, f"the identity is {found}, and {again} the second time")


def languages_are_known_and_unique(subject: Subject) -> None:
    """`languages` gives at least one id, each once: ISO 639-3, with `_Script` or `_variety` where needed, no alias."""
    found = list(subject.build().languages())
    require(bool(found), "languages() gives none")
    twice = sorted({identifier for identifier in found if found.count(identifier) > 1})
    require(not twice, f"languages() gives {', '.join(twice)} twice")
    strange = [identifier for identifier in found if _known_as(identifier) != identifier]
    require(not strange, f"languages() gives {', '.join(strange)}; langgeo knows {[*map(_known_as, strange)]}")


def texts_have_documents(subject: Subject) -> None:
    """`read` gives the Text of the language asked for, with documents that are not empty, and where it is from."""
    corpus = subject.build()
    for language in islice(corpus.languages(), READ):
        text = corpus.read(language)
        require(isinstance(text, Text), f"read gives {type(text).__name__}, no Text")
        require(text.language == language, f"read({language!r}) gives the language {text.language!r}")
        require(bool(text.documents), f"{language} has no document")
        blank = sum(not (isinstance(document, str) and document.strip()) for document in text.documents)
        require(not blank, f"{blank} of {len(text.documents)} documents of {language} are no text")
        require(bool(text.source), f"the text of {language} has no source")


def texts_are_stable(subject: Subject) -> None:
    """`read` gives the same text at every call and in every instance: cells are found again by its fingerprint."""
    for language in islice(subject.build().languages(), READ):
        first = subject.build().read(language).fingerprint
        again = subject.build().read(language).fingerprint
        require(first == again, f"the text of {language} has fingerprint {first[:12]}…, and then {again[:12]}…")


def a_language_without_text_is_refused(subject: Subject) -> None:
    """`read` raises UserError for a language that it has no text in."""
    corpus = subject.build()
    absent = "qtz" if "qaa" in corpus.languages() else "qaa"
    try:
        corpus.read(absent)
    except UserError:
        return
    broken(f"read({absent!r}) raises nothing")


def _known_as(identifier: str) -> str | None:
    try:
        return LanguageTable().lookup(identifier).id
    except UserError:
        return None


CHECKS = (
    identity_is_stable,
    languages_are_known_and_unique,
    texts_have_documents,
    texts_are_stable,
    a_language_without_text_is_refused,
)
