"""Varieties that are nearly the same language: written twice, they make neighbours and clusters that prove little."""

from __future__ import annotations

from collections.abc import Iterable

from langgeo_core.api import Language
from langgeo_glottolog.dialects import path_to_language

GROUPS = (
    ("fil", "tgl"),
    ("hin", "urd"),
    ("ind", "msa", "zlm", "zsm"),
    ("kin", "run"),
    ("pan", "pnb"),
    ("pes", "prs"),
    ("quh", "quy", "quz"),
)
"""ISO 639-3 codes of standards of one language, or of languages that understand each other, in different glottocodes:
Filipino and Tagalog, Hindi and Urdu, Indonesian and Malay, Kinyarwanda and Kirundi, the two Panjabis, Iranian and
Afghan Persian, South Bolivian, Ayacucho and Cusco Quechua (Southern Quechua, one written standard)."""

_GROUP_OF = {code: group[0] for group in GROUPS for code in group}


def one_of_each(languages: Iterable[Language]) -> frozenset[str]:
    """The ids without near duplicates: of each group the first by id.

    Besides `GROUPS`, a group is whatever shares a glottocode, such as two scripts, and a language with what Glottolog
    has for its dialects, such as Bosnian, Croatian and Serbian.
    """
    kept: dict[str, str] = {}
    for language in sorted(languages, key=lambda language: language.id):
        kept.setdefault(_variety(language), language.id)
    return frozenset(kept.values())


def _variety(language: Language) -> str:
    if language.iso639_3 in _GROUP_OF:
        return _GROUP_OF[language.iso639_3]
    if language.level == "dialect" and language.lineage:
        return path_to_language(language)[-1]
    return language.glottocode or language.iso639_3
