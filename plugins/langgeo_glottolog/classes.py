"""The class of a language at a level of Glottolog's classification."""

from __future__ import annotations

from langgeo_core.api import Language
from langgeo_glottolog.dialects import path_to_language
from langgeo_glottolog.options import GlottologOptions

PSEUDO_FAMILIES = frozenset(
    {
        "Artificial Language",
        "Bookkeeping",
        "Mixed Language",
        "Pidgin",
        "Sign Language",
        "Speech Register",
        "Unattested",
        "Unclassifiable",
    }
)
"""Glottolog's top-level groups of languages that share no ancestor."""


def class_of(language: Language, level: str, options: GlottologOptions) -> str | None:
    """The name (family, branch) or glottocode (depth-N) of its class; None where it has no place.

    A language that Glottolog does not know has no place anywhere.
    """
    path = _path(language, options)
    if not path or _left_out(language, path, options):
        return None
    if level == "family":
        return language.family or None
    if level == "branch":
        return (language.family if _isolate(language, path) else language.branch) or None
    depth = int(level.removeprefix("depth-"))
    return path[min(depth, len(path)) - 1]


def _path(language: Language, options: GlottologOptions) -> tuple[str, ...]:
    """Glottocodes from the family down to the language; a dialect's ends, or not, with the language above it."""
    if language.level == "dialect" and options.dialects == "parent" and language.lineage:
        return path_to_language(language)
    return (*language.lineage, language.glottocode) if language.glottocode else ()


def _left_out(language: Language, path: tuple[str, ...], options: GlottologOptions) -> bool:
    pseudo = options.pseudo_families == "drop" and language.family in PSEUDO_FAMILIES
    return pseudo or (options.isolates == "drop" and _isolate(language, path))


def _isolate(language: Language, path: tuple[str, ...]) -> bool:
    """A language with nothing above it. A top node of level `family` is a family, not an isolate."""
    return len(path) == 1 and language.level != "family"
