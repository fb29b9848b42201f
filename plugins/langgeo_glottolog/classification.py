"""The place of a language in Glottolog's classification, and its class at a level."""

from __future__ import annotations

from langgeo_core.api import Language
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


def path_of(language: Language) -> tuple[str, ...]:
    """Glottocodes from the family down to the language, without a pseudo-family; empty if Glottolog lacks it."""
    if not language.glottocode:
        return ()
    above = () if language.family in PSEUDO_FAMILIES else language.lineage
    return (*above, language.glottocode)


def family_of(language: Language) -> str:
    """The name of its family; empty of a language that Glottolog lacks, and in a pseudo-family."""
    return "" if language.family in PSEUDO_FAMILIES else language.family


def relation(one: Language, other: Language) -> str:
    """The least group that two languages share: `branch Germanic`, `family Indo-European`, or `no`."""
    family = family_of(one)
    if not family or family != other.family:
        return "no"
    return f"branch {one.branch}" if one.branch and one.branch == other.branch else f"family {family}"


def class_of(language: Language, level: str, options: GlottologOptions) -> str | None:
    """The name of its family or branch, or the glottocode of its node at `depth-N`; None where it has no class.

    A language that Glottolog does not know has no class at any level.
    """
    path = _path(language, options)
    isolate = len(path) == 1 and language.level != "family"  # a top node of level `family` is a family
    pseudo = options.pseudo_families == "drop" and language.family in PSEUDO_FAMILIES
    if not path or pseudo or (isolate and options.isolates == "drop"):
        return None
    if level == "family":
        return language.family or None
    if level == "branch":
        return (language.family if isolate else language.branch) or None
    depth = int(level.removeprefix("depth-"))
    return path[min(depth, len(path)) - 1]


def _path(language: Language, options: GlottologOptions) -> tuple[str, ...]:
    """Glottocodes from the family down; that of a dialect ends with its language unless dialects are kept."""
    from langgeo_labels.api import path_to_language  # imports scipy

    if language.level == "dialect" and options.dialects == "parent" and language.lineage:
        return path_to_language(language)
    return (*language.lineage, language.glottocode) if language.glottocode else ()
